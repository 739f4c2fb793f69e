import { byName } from "./i18n.js";
import { roomName } from "./rooms.js";

const activity = (room) => room.activity ?? (Date.parse(room.active_at ?? "") || 0);
const byActivity = (a, b) => activity(b) - activity(a) || byName(roomName(a), roomName(b));
const byHand = (a, b) => (a.position ?? Infinity) - (b.position ?? Infinity) || byActivity(a, b);
const isPersonal = (room) => room.kind === "direct" || room.group;

/** My rooms as they stand in the list: favourites, rooms, private chats and groups, archived ones. */
export function ordered(rooms, order) {
  const compare = order === "hand" ? byHand : (a, b) => Boolean(b.default) - Boolean(a.default) || byActivity(a, b);
  const among = (fits) => rooms.filter(fits).sort(compare);
  return {
    favourite: among((room) => room.favourite && !room.archived),
    shared: among((room) => !room.favourite && !room.archived && !isPersonal(room)),
    direct: among((room) => !room.favourite && !room.archived && isPersonal(room)),
    archived: among((room) => room.archived),
  };
}

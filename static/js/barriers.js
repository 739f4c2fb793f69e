import { timeLabel } from "./dates.js";
import { gettext, interpolate } from "./i18n.js";

/** Why I may not write in a room now, as `{text, unblock?: USER}`; null if nothing is against it. */
export function barrier(room, blocks) {
  if (room.with && blocks.has(room.with.id)) return { text: interpolate(gettext("You have blocked %s."), [room.with.nickname]), unblock: room.with };
  if (room.with?.former) return { text: gettext("This account was deleted.") };
  if (room.archived) return { text: gettext("This room is archived. It can be read.") };
  if (room.muted_until && Date.parse(room.muted_until) > Date.now()) return { text: interpolate(gettext("You are muted here until %s."), [timeLabel(room.muted_until)]) };
  if (room.writable === false) return { text: gettext("Only moderators write here.") };
  return null;
}

/** What the empty box says. */
export function invitation(room, label) {
  const slow = room.slow_mode && !room.abilities?.includes("speak");
  if (slow) return interpolate(gettext("Message %(room)s · one every %(seconds)s s"), { room: label, seconds: room.slow_mode });
  return interpolate(gettext("Message %s"), [label]);
}

import { api } from "./api.js";
import { confirmed } from "./dialogs.js";
import { gettext, interpolate } from "./i18n.js";
import { roomName } from "./rooms.js";

/** Leave a room if one still wants to when told what it means. Resolves with whether one left. */
export async function leaveRoom(room) {
  const title = interpolate(gettext("Leave “%s”?"), [roomName(room)]);
  if (!(await confirmed({ title, text: consequence(room), action: gettext("Leave") }))) return false;
  await api.leave(room.id);
  return true;
}

function consequence({ role, kind, members }) {
  if (members === 1 && kind === "private") return gettext("You are alone here. Nobody can come in after you.");
  if (members === 1 && role === "owner") return gettext("You are alone here. The room stays, without an owner.");
  if (role === "owner") return gettext("You own this room. After you the moderator who has been here longest will, or else the member.");
  return kind === "public" ? gettext("You can come back whenever you like.") : gettext("To come back you will need an invitation.");
}

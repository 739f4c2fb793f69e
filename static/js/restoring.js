import { barrier } from "./barriers.js";
import { isMine } from "./message_view.js";
import { page } from "./page.js";

// Who took a message down, the lowest first (MESSAGE, `deleted_by`).
const REMOVERS = ["author", "moderator", "staff", "administrator"];

/** Whether I may bring back a message: my own if I deleted it; where I take down what others wrote, what nobody above me took down. */
export function mayRestore(message, room, blocks) {
  if (!message.deleted_by || !room?.role || barrier(room, blocks)) return false;
  if (isMine(message)) return message.deleted_by === "author";
  const mine = page.is_admin ? "administrator" : page.is_staff ? "staff" : "moderator";
  return room.abilities.includes("take_down") && REMOVERS.indexOf(message.deleted_by) <= REMOVERS.indexOf(mine);
}

/** What `mayRestore` and the marks of a room's messages come from, as a text: another one, and they are to be drawn anew. */
export function rightsIn(room, blocks) {
  return [room.role, room.abilities, Boolean(barrier(room, blocks)), page.is_staff, page.is_admin].join(" ");
}

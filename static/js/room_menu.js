import { api } from "./api.js";
import { confirmed } from "./dialogs.js";
import { el, icon } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";
import { showPopup } from "./popups.js";
import { roomName } from "./rooms.js";
import { complain } from "./toasts.js";

/** What one can do to a room in the list. `context`: rooms, reads, sidebar, openSettings(room, page). */
export function showRoomMenu(anchor, room, context) {
  const menu = el("div", { class: "menu room-menu", role: "dialog", "aria-label": interpolate(gettext("Options: %s"), [roomName(room)]) });
  const item = ([name, label, act, danger]) =>
    el("button", { type: "button", class: danger ? "menu-item danger" : "menu-item", onclick: () => (menu.hidePopover(), act()) }, icon(name), el("span", {}, label));
  menu.append(...choices(room, context).map(item));
  showPopup(menu, anchor);
}

function choices(room, { rooms, reads, sidebar, openSettings }) {
  const prefer = (fields) => () => api.prefer(room.id, fields).then((changed) => (rooms.put(changed), rooms.tell("list"))).catch(complain);
  const muted = room.notify === "none";
  const byHand = rooms.order === "hand";
  const direct = room.kind === "direct";
  return [
    room.favourite ? ["star-filled", gettext("No longer a favourite"), prefer({ favourite: false })] : ["star", gettext("Make it a favourite"), prefer({ favourite: true })],
    muted ? ["bell", gettext("Unmute the room"), prefer({ notify: "all" })] : ["bell-off", gettext("Mute the room"), prefer({ notify: "none" })],
    rooms.unread(room.id) && ["check", gettext("Mark as read"), () => reads.seen({ room: room.id, seq: rooms.state(room.id).head })],
    byHand && ["arrow-up", gettext("Move up"), () => sidebar.move(room.id, -1)],
    byHand && ["arrow-down", gettext("Move down"), () => sidebar.move(room.id, 1)],
    !direct && ["settings", gettext("Room settings"), () => openSettings(room)],
    direct
      ? ["eye-off", gettext("Hide the chat"), () => api.leave(room.id).catch(complain)]
      : ["sign-out", gettext("Leave the room"), () => leave(room), true],
  ].filter(Boolean);
}

async function leave(room) {
  const text = room.role === "owner"
    ? gettext("You own this room. After you the moderator who has been here longest will, or else the member.")
    : room.kind === "public" ? gettext("You can come back whenever you like.") : gettext("To come back you will need an invitation.");
  const title = interpolate(gettext("Leave “%s”?"), [roomName(room)]);
  if (await confirmed({ title, text, action: gettext("Leave") })) api.leave(room.id).catch(complain);
}

import { api } from "./api.js";
import { el, icon } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";
import { leaveRoom } from "./leave_room.js";
import { showPopup, showSheet } from "./popups.js";
import { roomName } from "./rooms.js";
import { complain } from "./toasts.js";

/**
 * What one can do to a room in the list, beside `anchor`; without one, under a finger, as a sheet.
 * `context`: rooms, reads, sidebar, openSettings(room, page).
 */
export function showRoomMenu(room, context, anchor = null) {
  const label = interpolate(gettext("Options: %s"), [roomName(room)]);
  const menu = anchor
    ? el("div", { class: "menu room-menu", role: "dialog", "aria-label": label })
    : el("dialog", { class: "sheet", "aria-label": label }, el("h2", { class: "sheet-title", dir: "auto" }, roomName(room)));
  const leave = () => (anchor ? menu.hidePopover() : menu.close());
  const item = ([name, text, act, danger]) =>
    el("button", { type: "button", class: danger ? "menu-item danger" : "menu-item", onclick: () => (leave(), act()) }, icon(name), el("span", {}, text));
  menu.append(...choices(room, context).map(item));
  if (anchor) showPopup(menu, anchor);
  else showSheet(menu);
}

function choices(room, { rooms, reads, sidebar, openSettings }) {
  const prefer = (fields) => () => api.prefer(room.id, fields).then((changed) => (rooms.put(changed), rooms.tell("list"))).catch(complain);
  const muted = room.notify === "none";
  const byHand = rooms.order === "hand";
  const direct = room.kind === "direct";
  return [
    room.favourite ? ["star-filled", gettext("No longer a favourite"), prefer({ favourite: false })] : ["star", gettext("Make it a favourite"), prefer({ favourite: true })],
    muted ? ["bell", gettext("Unmute the room"), prefer({ notify: room.group || room.kind === "direct" ? "all" : "mentions" })] : ["bell-off", gettext("Mute the room"), prefer({ notify: "none" })],
    rooms.unread(room.id) && ["check", gettext("Mark as read"), () => reads.seen({ room: room.id, seq: rooms.state(room.id).head })],
    byHand && ["arrow-up", gettext("Move up"), () => sidebar.move(room.id, -1)],
    byHand && ["arrow-down", gettext("Move down"), () => sidebar.move(room.id, 1)],
    !direct && ["settings", gettext("Room settings"), () => openSettings(room)],
    direct
      ? ["eye-off", gettext("Hide the chat"), () => api.leave(room.id).catch(complain)]
      : ["sign-out", gettext("Leave the room"), () => leaveRoom(room).catch(complain), true],
  ].filter(Boolean);
}

import { api } from "./api.js";
import { openDialog } from "./dialogs.js";
import { el, icon } from "./dom.js";
import { once, resultLine, textField } from "./fields.js";
import { gettext, interpolate, ngettext } from "./i18n.js";
import { pagedList } from "./paged_list.js";
import { roomMark } from "./room_mark.js";
import { roomName } from "./rooms.js";

/** All public rooms, to search and join with one click; `enter(room)` opens one, `make()` asks for a new one. */
export function openDirectory({ rooms, enter, make, query = "" }) {
  const field = textField({ label: gettext("Search rooms"), type: "search", value: query, placeholder: gettext("Name or topic") });
  const line = resultLine();
  const join = (room, button) => once(button, async () => {
    try {
      const joined = rooms.get(room.id) ?? (await api.join(room.id));
      dialog.close();
      enter(joined);
    } catch (error) {
      line.fail(error);
    }
  });
  const { parts } = pagedList({
    field, class: "directory", "aria-label": gettext("Public rooms"),
    fetchPage: async (query) => {
      const { rooms: items, next } = await api.directory(query);
      return { items, next };
    },
    row: (room) => directoryRow(room, { isMine: Boolean(rooms.get(room.id)), join }),
    nothing: (q) => (q ? gettext("No public room fits that.") : gettext("No public room yet. Make the first.")),
  });
  const newRoom = el("button", { type: "button", class: "button", onclick: () => (dialog.close(), make()) }, icon("plus"), gettext("New room"));
  const dialog = openDialog({ title: gettext("Find rooms"), wide: true, content: [field.element, line.element, el("div", { class: "dialog-scroll" }, parts), el("div", { class: "dialog-buttons" }, newRoom)] });
}

function directoryRow(room, { isMine, join }) {
  const name = roomName(room);
  const button = el("button", { type: "button", class: isMine ? "button" : "button primary", onclick: () => join(room, button) }, isMine ? gettext("Open") : gettext("Join"));
  button.setAttribute("aria-label", `${button.textContent}: ${name}`);
  const text = el("div", { class: "directory-text" },
    el("b", { dir: "auto" }, name),
    room.topic && el("span", { class: "directory-topic", dir: "auto", title: room.topic }, room.topic),
    el("span", { class: "field-note" }, crowd(room)));
  return el("li", { class: "directory-room" }, roomMark(room, 36), text, button);
}

function crowd({ members, online }) {
  const all = interpolate(ngettext("%s member", "%s members", members), [members]);
  return online ? `${all} · ${interpolate(gettext("%s online"), [online])}` : all;
}

import { api } from "./api.js";
import { openDialog } from "./dialogs.js";
import { el, icon } from "./dom.js";
import { once, sentenceOf, textField } from "./fields.js";
import { gettext, interpolate, ngettext } from "./i18n.js";
import { roomMark } from "./room_mark.js";
import { roomName } from "./rooms.js";

const PAUSE = 200;

/** All public rooms, to search and join with one click; `enter(room)` opens one, `make()` asks for a new one. */
export function openDirectory({ rooms, enter, make, query = "" }) {
  const field = textField({ label: gettext("Search rooms"), type: "search", value: query, placeholder: gettext("Name or topic") });
  const list = el("ul", { class: "directory" });
  const status = el("p", { class: "empty-note", role: "status" });
  const more = el("button", { type: "button", class: "button wide", hidden: true, onclick: () => load(list.children.length) }, gettext("Show more"));
  const newRoom = el("button", { type: "button", class: "button", onclick: () => (dialog.close(), make()) }, icon("plus"), gettext("New room"));
  let timer;

  const load = async (offset = 0) => {
    const wanted = field.input.value.trim();
    try {
      const { rooms: found, next } = await api.directory({ q: wanted, offset });
      if (wanted !== field.input.value.trim()) return;
      list.append(...found.map(row));
      if (!offset) list.replaceChildren(...found.map(row));
      more.hidden = next === null;
      status.textContent = list.children.length ? "" : wanted ? gettext("No public room fits that.") : gettext("No public room yet. Make the first.");
    } catch (error) {
      status.textContent = sentenceOf(error);
    }
  };
  const join = (room, button) => once(button, async () => {
    try {
      const joined = rooms.get(room.id) ?? (await api.join(room.id));
      dialog.close();
      enter(joined);
    } catch (error) {
      status.textContent = sentenceOf(error);
    }
  });
  const row = (room) => {
    const mine = Boolean(rooms.get(room.id));
    const members = interpolate(ngettext("%s member", "%s members", room.members), [room.members]);
    const online = interpolate(gettext("%s online"), [room.online]);
    const button = el("button", { type: "button", class: mine ? "button" : "button primary", onclick: () => join(room, button) }, mine ? gettext("Open") : gettext("Join"));
    button.setAttribute("aria-label", `${button.textContent}: ${roomName(room)}`);
    return el("li", { class: "directory-room" }, roomMark(room, 36),
      el("div", { class: "directory-text" }, el("b", { dir: "auto" }, roomName(room)),
        room.topic && el("span", { class: "directory-topic", dir: "auto" }, room.topic), el("span", { class: "field-note" }, `${members} · ${online}`)),
      button);
  };
  field.input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(load, PAUSE);
  });
  const dialog = openDialog({ title: gettext("Find rooms"), wide: true, content: [field.element, list, status, more, el("div", { class: "dialog-buttons" }, newRoom)] });
  load();
}

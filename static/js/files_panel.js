import { api } from "./api.js";
import { download, isPicture, kindIcon, nameView, sizeLabel } from "./attachments.js";
import { shortLabel } from "./dates.js";
import { el, loadStyle } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";
import { pagedList } from "./paged_list.js";

const PAGE = 30;
const KINDS = () => [["", gettext("All")], ["image", gettext("Photos")], ["other", gettext("Others")]];

/** The files of a room, the newest first, by pages. */
export class FilesPanel {
  /** `go(room, seq)` leads to a message; `view(pictures, at)` shows pictures large; `isBlocked(user id)` whose are left out. */
  constructor({ element, go, view, isBlocked }) {
    Object.assign(this, { element, go, view, isBlocked, shown: [] });
    this.kind = Object.assign(new EventTarget(), { value: "" });
    this.choices = el("div", { class: "choice panel-choice", role: "group", "aria-label": gettext("Which files") },
      KINDS().map(([value, name]) => el("button", { type: "button", class: "choice-item", "aria-pressed": String(value === ""), onclick: ({ currentTarget }) => this.choose(value, currentTarget) }, name)));
  }

  choose(value, button) {
    for (const other of this.choices.children) other.setAttribute("aria-pressed", String(other === button));
    this.kind.value = value;
    this.open(this.room);
  }

  concerns({ id, attachments, deleted_at: deleted }) {
    return Boolean(attachments?.length || (deleted && this.shown.some((file) => file.message === id)));
  }

  open(room) {
    this.room = room;
    const { parts } = pagedList({
      field: { input: this.kind }, class: "file-rows", "aria-label": gettext("Files"),
      fetchPage: ({ q, offset }) => this.fetchPage(room, q, offset),
      row: (file) => this.row(file),
      nothing: () => gettext("No files yet. Attach one, drop it on the room, or paste a picture."),
    });
    this.element.replaceChildren(this.choices, el("div", { class: "panel-list" }, parts));
  }

  async fetchPage(room, kind, offset) {
    const { files, more } = await api.files(room, { limit: PAGE, ...(kind ? { kind } : {}), ...(offset ? { before: offset } : {}) });
    const items = files.filter(({ author }) => !this.isBlocked(author.id));
    this.shown = [...(offset ? this.shown : []), ...items];
    return { items, next: more ? files.at(-1).seq : null };
  }

  row(file) {
    const about = [file.author.nickname, shortLabel(file.created_at), sizeLabel(file.size)].join(" · ");
    const jump = el("button", { type: "button", class: "file-row-open", title: file.name, onclick: () => this.go(this.room, file.seq) },
      nameView(file.name), el("span", { class: "file-size", dir: "auto" }, about));
    return el("li", { class: "file-row" }, this.face(file), jump, download(file));
  }

  face(file) {
    if (!isPicture(file)) return el("span", { class: "file-mark" }, kindIcon(file.kind));
    const label = interpolate(gettext("Show %s"), [file.name]);
    return el("button", { type: "button", class: "file-mark", "aria-label": label, onclick: () => this.look(file) },
      el("img", { src: file.thumb_url ?? file.url, alt: "", width: 40, height: 40, loading: "lazy" }));
  }

  look(file) {
    const pictures = this.shown.filter(isPicture);
    this.view(pictures.map((one) => ({ file: one, author: one.author, created_at: one.created_at, room: this.room, seq: one.seq })), pictures.indexOf(file));
  }
}

export async function makeFilesPanel(context) {
  await loadStyle("panels");
  return new FilesPanel(context);
}

import { api } from "./api.js";
import { shortLabel } from "./dates.js";
import { avatar, el, iconButton, loadStyle } from "./dom.js";
import { summary } from "./excerpt.js";
import { sentenceOf } from "./fields.js";
import { gettext } from "./i18n.js";

/** What is pinned in a room. */
export class PinsPanel {
  /** `go(room, seq)` leads to a message; `unpin(message)` takes the pin off; `mayUnpin(room)`, `isBlocked(user id)` tell. */
  constructor({ element, go, unpin, mayUnpin, isBlocked }) {
    Object.assign(this, { element, go, unpin, mayUnpin, isBlocked, shown: new Set() });
    this.list = el("ul", { class: "pin-rows", "aria-label": gettext("Pins") });
    this.status = el("p", { class: "empty-note", role: "status" });
    element.replaceChildren(el("div", { class: "panel-list" }, this.list, this.status));
  }

  concerns({ id, pinned_at: pinned }) {
    return Boolean(pinned || this.shown.has(id));
  }

  async open(room) {
    if (room !== this.room) this.draw([]);
    this.room = room;
    try {
      const { messages } = await api.pins(room);
      if (room !== this.room) return;
      this.draw(messages);
      this.status.textContent = messages.length ? "" : gettext("Nothing is pinned here. Pin a message to find it again.");
    } catch (error) {
      if (room === this.room) this.status.textContent = sentenceOf(error);
    }
  }

  draw(messages) {
    const focused = [...this.list.children].findIndex((row) => row.contains(document.activeElement));
    this.shown = new Set(messages.map(({ id }) => id));
    this.list.replaceChildren(...messages.map((message) => this.row(message)));
    if (focused >= 0) (this.list.children[Math.min(focused, messages.length - 1)]?.querySelector("button") ?? this.element).focus({ preventScroll: true });
  }

  row(message) {
    const { author, seq } = message;
    const said = this.isBlocked(author.id) ? gettext("Message from someone you blocked") : summary(message);
    const open = el("button", { type: "button", class: "pin-row-open", onclick: () => this.go(this.room, seq) },
      el("span", { class: "pin-head" }, avatar(author, 20), el("b", { dir: "auto" }, author.nickname), el("span", { class: "file-size" }, shortLabel(message.created_at))),
      el("span", { class: "pin-text", dir: "auto" }, said));
    const off = this.mayUnpin(this.room) && iconButton("unpin", gettext("Unpin"), { onclick: () => this.unpin(message) });
    return el("li", { class: "pin-row" }, open, off);
  }
}

export async function makePinsPanel(context) {
  await loadStyle("panels");
  return new PinsPanel(context);
}

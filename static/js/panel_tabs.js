import { el } from "./dom.js";
import { gettext } from "./i18n.js";
import { byId } from "./page.js";

const SOON = 400;

/** The tabs of the panel beside the room: People, and Files and Pins, which are fetched when they are first asked for. */
export class PanelTabs {
  /** `fetchPart(name, element)` resolves with `{open(room), concerns(message)}` that draws into `element`. */
  constructor({ panel, fetchPart }) {
    Object.assign(this, { panel, fetchPart });
    this.region = byId("people");
    this.tabs = [...this.region.querySelectorAll("[role=tab]")];
    this.parts = new Map();
    for (const tab of this.tabs) tab.addEventListener("click", () => this.show(tab.dataset.tab));
    this.region.querySelector("[role=tablist]").addEventListener("keydown", (event) => this.key(event));
    byId("people-toggle").addEventListener("click", () => this.toggle("people"));
    byId("show-pins").addEventListener("click", () => this.toggle("pins"));
    this.show("people");
  }

  /** A button of the room's head: shows its tab, or puts the panel away where that is what it shows. */
  toggle(name) {
    if (this.panel.isOpen && this.name === name) return this.panel.toggle(false);
    this.show(name);
    if (!this.panel.isOpen) this.panel.toggle(true);
  }

  open(room) {
    this.room = room;
    if (this.name !== "people") this.fill();
  }

  show(name) {
    this.name = name;
    for (const tab of this.tabs) {
      const chosen = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      byId(tab.getAttribute("aria-controls")).hidden = !chosen;
      if (chosen) this.region.setAttribute("aria-label", tab.dataset.name);
    }
    if (name !== "people") this.fill();
  }

  async fill() {
    const { name, room } = this;
    const element = byId(`${name}-panel`);
    try {
      if (!this.parts.has(name)) this.parts.set(name, await this.fetchPart(name, element));
    } catch {
      element.replaceChildren(el("p", { class: "empty-note" }, gettext("This needs the connection, which is away. Try again when it is back.")));
      return;
    }
    if (name === this.name && room === this.room) this.parts.get(name).open(room);
  }

  /** What happened in the room may change what is listed. */
  take({ room, message, messages = [] }) {
    if (room !== this.room || this.name === "people" || !this.panel.isOpen) return;
    const part = this.parts.get(this.name);
    if (part && [message, ...messages].some((one) => one?.id && part.concerns(one))) this.fillSoon();
  }

  fillSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.name !== "people" && this.fill(), SOON);
  }

  key(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = this.tabs[(this.tabs.indexOf(document.activeElement) + by + this.tabs.length) % this.tabs.length];
    next.focus();
    next.click();
  }
}

import { arrange, avatar, el, icon } from "./dom.js";
import { gettext } from "./i18n.js";
import { AT_DESK, atDesk, byId } from "./page.js";
import { keep, recall } from "./storage.js";

const REFRESH = 60_000;
const LARGE = 100;

/** The region of people: who is in the open room, online first. */
export class PeoplePanel {
  constructor({ people, rooms, me, chatWith }) {
    Object.assign(this, { people, rooms, me });
    this.chatWith = (user) => this.leaveFor(() => chatWith(user));
    this.region = byId("people");
    this.button = byId("people-toggle");
    this.groups = { online: this.makeGroup(gettext("Online now")), offline: this.makeGroup(gettext("Not here")) };
    byId("people-list").replaceChildren(...Object.values(this.groups).flatMap(({ title, list }) => [title, list]));
    this.items = new Map();
    people.addEventListener("members", ({ detail }) => detail === this.room && this.drawSoon());
    rooms.addEventListener("room", ({ detail }) => detail === this.room && this.drawCount());
    this.button.addEventListener("click", () => this.toggle());
    byId("people-close").addEventListener("click", () => this.toggle(false));
    this.region.addEventListener("keydown", (event) => this.key(event));
    setInterval(() => this.refresh(), REFRESH);
    // Beside the room at a desk, over it elsewhere: there it must be asked for.
    matchMedia(AT_DESK).addEventListener("change", ({ matches }) => this.show(matches && recall("people") !== "closed"));
    this.show(this.isOpen);
  }

  makeGroup(name) {
    return { title: el("h3", { class: "people-group" }, name), list: el("ul") };
  }

  get isOpen() {
    return document.documentElement.dataset.people === "open";
  }

  toggle(open = !this.isOpen) {
    this.show(open);
    if (atDesk()) keep("people", open ? "open" : "closed");
    if (open && !atDesk()) byId("people-close").focus();
    if (!open && this.region.contains(document.activeElement)) this.button.focus();
  }

  /** Where the region lies over the room, it makes way for the one that is opened from it. */
  leaveFor(open) {
    if (!atDesk()) this.toggle(false);
    return open();
  }

  key(event) {
    if (event.key !== "Escape" || atDesk()) return;
    event.stopPropagation();
    this.toggle(false);
  }

  show(open) {
    document.documentElement.dataset.people = open ? "open" : "closed";
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.draw();
  }

  open(room) {
    this.room = room;
    this.drawCount();
    this.draw();
    this.load();
  }

  /** The list is a convenience: if it cannot be fetched now, the next reconnect fetches it. */
  load() {
    return this.people.load(this.room).catch((error) => {
      if (!error.code) throw error;
    });
  }

  /** Large rooms do not tell who comes and goes. */
  refresh() {
    const large = this.rooms.get(this.room)?.members > LARGE;
    if (large && this.isOpen && document.visibilityState === "visible") this.load();
  }

  drawCount() {
    byId("people-count").textContent = this.rooms.get(this.room)?.members ?? "";
  }

  drawSoon() {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  draw() {
    if (!this.isOpen || !this.room) return;
    const members = this.people.in(this.room);
    for (const [kind, { title, list }] of Object.entries(this.groups)) {
      const group = members.filter((member) => member.online === (kind === "online"));
      arrange(list, group.map((member) => this.item(member)));
      title.hidden = list.hidden = !group.length;
    }
    const present = new Set(members.map((member) => member.user.id));
    for (const id of this.items.keys()) if (!present.has(id)) this.items.delete(id);
  }

  item({ user, online, role }) {
    const shown = `${user.nickname} ${user.avatar_url} ${online} ${role}`;
    const held = this.items.get(user.id);
    if (held?.shown === shown) return held.element;
    const element = this.makeItem(user, online, role);
    held?.element.replaceWith(element);
    this.items.set(user.id, { shown, element });
    return element;
  }

  makeItem(user, online, role) {
    const isMe = user.id === this.me.id;
    const face = el("span", { class: "avatar-frame" }, avatar(user, 32), online && el("span", { class: "presence" }));
    const notes = { owner: gettext("Owner"), moderator: gettext("Moderator") };
    const note = isMe ? gettext("You") : (notes[role] ?? null);
    const label = gettext("Private chat");
    return el(
      "li",
      { class: online ? "person" : "person away" },
      face,
      el("span", { class: "person-name", dir: "auto" }, user.nickname),
      note && el("span", { class: isMe ? "person-note you" : "person-note" }, note),
      !isMe && el("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick: () => this.chatWith(user) }, icon("chat")),
    );
  }
}

import { api } from "./api.js";
import { distance } from "./dates.js";
import { arrange, avatar, el, icon } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";
import { AT_DESK, atDesk, byId } from "./page.js";
import { keep, recall } from "./storage.js";

const LARGE = 100;
const PAUSE = 200;

/** The region of people: who is in the open room, online first. In large rooms they come by pages and by search. */
export class PeoplePanel {
  constructor({ people, rooms, me, chatWith, showCard }) {
    Object.assign(this, { people, rooms, me, showCard });
    this.chatWith = (user) => this.leaveFor(() => chatWith(user));
    this.region = byId("people");
    this.button = byId("people-toggle");
    this.filter = byId("people-filter");
    this.nothing = byId("people-nothing");
    this.groups = { online: this.makeGroup(gettext("Online now")), offline: this.makeGroup(gettext("Not here")) };
    this.items = new Map();
    people.addEventListener("members", ({ detail }) => detail === this.room && this.drawSoon());
    people.addEventListener("gone", ({ detail }) => detail.room === this.room && this.gone(detail.user));
    rooms.addEventListener("room", ({ detail }) => detail === this.room && this.roomChanged());
    byId("people-close").addEventListener("click", () => this.toggle(false));
    byId("people-list").addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.filter.addEventListener("input", () => this.searchSoon());
    this.region.addEventListener("keydown", (event) => this.key(event));
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

  get wanted() {
    return this.filter.value.trim().toLocaleLowerCase();
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
    this.filter.value = "";
    this.found = null;
    this.next = null;
    // Another room may be asked for sooner.
    clearTimeout(this.refreshing);
    this.refreshing = null;
    this.drawCount();
    this.draw();
    this.load();
  }

  /** The list is a convenience: if it cannot be fetched now, the next reconnect fetches it. */
  async load() {
    const { room } = this;
    this.loadedAt = Date.now();
    this.online = this.rooms.get(room)?.online;
    try {
      const next = await this.people.load(room);
      if (room === this.room) this.next = next;
    } catch (error) {
      if (!error.code) throw error;
    }
  }

  roomChanged() {
    this.drawCount();
    const { members = 0, online } = this.rooms.get(this.room) ?? {};
    if (members > LARGE && online !== this.online && !this.refreshing) this.refreshing = setTimeout(() => this.refresh(), this.pause(online));
  }

  /** Large rooms tell how many are there and not who: one looks again, the less often the more do so, and not all at once. */
  pause(online) {
    const late = Date.now() - (this.loadedAt ?? 0);
    return Math.max(500, online * 50 - late) + Math.random() * online * 10;
  }

  refresh() {
    this.refreshing = null;
    const unseen = !this.isOpen || document.visibilityState !== "visible" || byId("people-list").scrollTop > 0;
    if (unseen) this.online = null;
    else this.load();
  }

  /** The next page, as one scrolls towards the end of what is there. */
  async scrolled() {
    const list = byId("people-list");
    if (this.fetching || !this.next || this.wanted || list.scrollTop + list.clientHeight < list.scrollHeight - 400) return;
    this.fetching = true;
    const { room } = this;
    try {
      const page = await api.members(room, { offset: this.next });
      if (room === this.room) {
        this.next = page.next;
        this.people.extend(room, page.members);
      }
    } catch (error) {
      if (!error.code) throw error;
    } finally {
      this.fetching = false;
    }
  }

  searchSoon() {
    clearTimeout(this.searching);
    this.found = null;
    this.draw();
    if (this.wanted && this.rooms.get(this.room)?.members > LARGE) this.searching = setTimeout(() => this.search(), PAUSE);
  }

  /** Not everyone of a large room is here; the server knows them all. */
  async search() {
    const { room, wanted } = this;
    try {
      const { members } = await api.members(room, { q: this.filter.value.trim(), limit: 100 });
      if (room !== this.room || wanted !== this.wanted) return;
      this.found = members;
      this.draw();
    } catch (error) {
      if (!error.code) throw error;
    }
  }

  /** Somebody left, or was removed: what a search found may have him or her too. */
  gone(id) {
    if (!this.found) return;
    this.found = this.found.filter(({ user }) => user.id !== id);
    this.drawSoon();
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

  get shown() {
    if (this.found) return this.found;
    const members = this.people.in(this.room);
    return this.wanted ? members.filter(({ user }) => user.nickname.toLocaleLowerCase().includes(this.wanted)) : members;
  }

  draw() {
    if (!this.isOpen || !this.room) return;
    const members = this.shown;
    for (const [kind, { title, list }] of Object.entries(this.groups)) {
      const group = members.filter((member) => member.online === (kind === "online"));
      arrange(list, group.map((member) => this.item(member)));
      title.hidden = list.hidden = !group.length;
    }
    // What the server painted stays until now.
    if (!this.groups.online.list.isConnected) byId("people-list").replaceChildren(...Object.values(this.groups).flatMap(({ title, list }) => [title, list]), this.nothing);
    this.nothing.hidden = Boolean(members.length) || !this.wanted;
    const present = new Set(members.map((member) => member.user.id));
    for (const id of this.items.keys()) if (!present.has(id)) this.items.delete(id);
  }

  item(member) {
    const { user, online, away, role } = member;
    const shown = `${user.nickname} ${user.avatar_url} ${online} ${away} ${role}`;
    const held = this.items.get(user.id);
    if (held?.shown === shown) return held.element;
    const element = this.makeItem(member);
    held?.element.replaceWith(element);
    this.items.set(user.id, { shown, element });
    return element;
  }

  makeItem({ user, online, away, role, last_seen_at: seen }) {
    const isMe = user.id === this.me.id;
    const sign = online && el("span", { class: away ? "presence idle" : "presence" });
    const face = el("span", { class: "avatar-frame" }, avatar(user, 32), sign);
    const notes = { owner: gettext("Owner"), moderator: gettext("Moderator") };
    const note = isMe ? gettext("You") : (notes[role] ?? null);
    const label = gettext("Private chat");
    const title = online ? (away ? gettext("Away") : gettext("Online")) : seen ? interpolate(gettext("Last seen %s"), [distance(seen)]) : gettext("Not here");
    const card = el("button", { type: "button", class: "person-open", title, onclick: () => this.showCard(user) },
      face, el("span", { class: "person-name", dir: "auto" }, user.nickname), away && online && el("span", { class: "unseen" }, gettext("Away")));
    return el(
      "li",
      { class: online ? "person" : "person away" },
      card,
      note && el("span", { class: isMe ? "person-note you" : "person-note" }, note),
      !isMe && el("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick: () => this.chatWith(user) }, icon("chat")),
    );
  }
}

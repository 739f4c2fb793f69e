import { arrange, avatar, el, icon } from "./dom.js";
import { byName, gettext, interpolate, ngettext } from "./i18n.js";
import { byId } from "./page.js";
import { roomName } from "./rooms.js";

const MOST = 999;

/** The lists of rooms and private chats, patched room by room. */
export class Sidebar {
  constructor({ rooms, drafts, people }) {
    Object.assign(this, { rooms, drafts, people });
    this.lists = { shared: byId("rooms-shared"), direct: byId("rooms-direct") };
    this.filter = byId("room-filter");
    this.items = new Map();
    rooms.addEventListener("list", () => this.drawSoon());
    rooms.addEventListener("room", ({ detail }) => this.patchSoon(detail));
    drafts.addEventListener("changed", ({ detail }) => this.patchSoon(detail));
    this.filter.addEventListener("input", () => this.draw());
    this.filter.addEventListener("keydown", (event) => this.filterKey(event));
    this.dirty = new Set();
  }

  open(id) {
    this.current = id;
    for (const room of this.items.keys()) this.patch(room);
  }

  drawSoon() {
    this.redraw = true;
    this.schedule();
  }

  patchSoon(id) {
    this.dirty.add(id);
    this.schedule();
  }

  /** Many messages in one frame move many counts; one turn draws them. */
  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      if (this.redraw) this.draw();
      else for (const id of this.dirty) this.patch(id);
      this.redraw = false;
      this.dirty.clear();
    });
  }

  get ordered() {
    const wanted = this.filter.value.trim().toLocaleLowerCase();
    const shown = this.rooms.all.filter((room) => roomName(room).toLocaleLowerCase().includes(wanted));
    return {
      shared: shown.filter((room) => room.kind !== "direct").sort((a, b) => Boolean(b.default) - Boolean(a.default) || byName(roomName(a), roomName(b))),
      direct: shown.filter((room) => room.kind === "direct").sort((a, b) => (b.activity ?? 0) - (a.activity ?? 0)),
    };
  }

  draw() {
    for (const id of this.items.keys()) if (!this.rooms.get(id)) this.items.delete(id);
    for (const [kind, rooms] of Object.entries(this.ordered)) {
      arrange(this.lists[kind], rooms.map((room) => this.item(room)));
      for (const room of rooms) this.patch(room.id);
    }
  }

  item(room) {
    if (!this.items.has(room.id)) this.items.set(room.id, this.makeItem(room));
    return this.items.get(room.id).element;
  }

  makeItem(room) {
    const parts = {
      mark: el("span", { class: "avatar-frame" }),
      name: el("span", { class: "room-link-name", dir: "auto" }),
      draft: el("span", { class: "room-link-draft", dir: "auto" }),
      mention: el("span", { class: "room-mention", "aria-hidden": "true" }, "@"),
      badge: el("span", { class: "badge", "aria-hidden": "true" }),
      state: el("span", { class: "unseen", id: `room-state-${room.id}` }),
    };
    parts.link = el(
      "a",
      { class: "room-link", href: `/rooms/${room.id}/`, "aria-describedby": `room-state-${room.id}` },
      parts.mark, el("span", { class: "room-link-text" }, parts.name, parts.draft), parts.mention, parts.badge,
    );
    parts.element = el("li", { class: "room-item" }, parts.link, parts.state);
    return parts;
  }

  patch(id) {
    const room = this.rooms.get(id);
    const parts = this.items.get(id);
    if (!room || !parts) return;
    const unread = this.rooms.unread(id);
    const name = roomName(room);
    const draft = id === this.current ? "" : this.drafts.get(id).text.trim();
    this.patchMark(parts, room);
    parts.name.textContent = name;
    parts.link.setAttribute("aria-label", name);
    parts.link.classList.toggle("unread", unread > 0);
    if (id === this.current) parts.link.setAttribute("aria-current", "page");
    else parts.link.removeAttribute("aria-current");
    parts.badge.textContent = unread > MOST ? `${MOST}+` : String(unread);
    parts.badge.hidden = !unread;
    parts.badge.classList.toggle("strong", room.kind === "direct" || room.mentions > 0);
    parts.mention.hidden = !unread || !room.mentions;
    parts.draft.hidden = !draft;
    parts.draft.textContent = interpolate(gettext("Draft: %s"), [draft.slice(0, 80)]);
    parts.state.textContent = this.describe(room, unread, draft);
  }

  patchMark(parts, room) {
    const wanted = room.kind === "direct" ? `${room.with.avatar_url} ${room.online > 1}` : room.kind;
    if (parts.shown === wanted) return;
    parts.shown = wanted;
    if (room.kind !== "direct") return parts.mark.replaceChildren(icon(room.kind === "private" ? "lock" : "hash"));
    parts.mark.replaceChildren(avatar(room.with, 24));
    if (room.online > 1) parts.mark.append(el("span", { class: "presence" }));
  }

  describe(room, unread, draft) {
    const said = [];
    if (unread) said.push(interpolate(ngettext("%s unread", "%s unread", unread), [unread]));
    if (unread && room.mentions) said.push(interpolate(ngettext("%s mention", "%s mentions", room.mentions), [room.mentions]));
    if (draft) said.push(gettext("Draft"));
    return said.join(", ");
  }

  filterKey(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      const first = document.querySelector("#room-lists .room-link");
      if (event.key === "Enter") first?.click();
      else first?.focus();
    }
    if (event.key === "Escape" || event.key === "Enter") {
      event.stopPropagation();
      this.filter.value = "";
      this.draw();
      this.filter.blur();
    }
  }

  /** The ids in the order of the page. */
  get ids() {
    const { shared, direct } = this.ordered;
    return [...shared, ...direct].map((room) => room.id);
  }
}

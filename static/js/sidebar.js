import { api } from "./api.js";
import { arrange, avatar, el, icon, iconButton } from "./dom.js";
import { gettext, interpolate, ngettext } from "./i18n.js";
import { watchLongPress } from "./long_press.js";
import { byId } from "./page.js";
import { watchDragging } from "./room_dragging.js";
import { markName } from "./room_mark.js";
import { ordered } from "./room_order.js";
import { roomName, roomPath } from "./rooms.js";
import { complain } from "./toasts.js";

const MOST = 999;

/** The lists of rooms and private chats, patched room by room. */
export class Sidebar {
  /** `menu(room, anchor)` shows what one can do to a room; `searchAll(query)` looks beyond one's own rooms. */
  constructor({ rooms, drafts, people, menu, searchAll }) {
    Object.assign(this, { rooms, drafts, people, menu });
    this.lists = Object.fromEntries(["favourite", "shared", "direct", "archived"].map((name) => [name, byId(`rooms-${name}`)]));
    this.filter = byId("room-filter");
    this.elsewhere = byId("search-rooms");
    this.items = new Map();
    rooms.addEventListener("list", () => this.drawSoon());
    rooms.addEventListener("room", ({ detail }) => this.patchSoon(detail));
    drafts.addEventListener("changed", ({ detail }) => this.patchSoon(detail));
    this.filter.addEventListener("input", () => this.draw());
    this.filter.addEventListener("keydown", (event) => this.filterKey(event));
    this.elsewhere.addEventListener("click", () => searchAll(this.filter.value.trim()));
    this.watchMenus(byId("room-lists"));
    watchDragging(byId("room-lists"), (id, onto) => this.place(id, onto));
    this.dirty = new Set();
  }

  open(id) {
    this.current = id;
    this.unfoldArchive();
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
    return ordered(shown, this.rooms.order);
  }

  draw() {
    for (const id of this.items.keys()) if (!this.rooms.get(id)) this.items.delete(id);
    for (const [kind, rooms] of Object.entries(this.ordered)) {
      arrange(this.lists[kind], rooms.map((room) => this.item(room)));
      for (const room of rooms) this.patch(room.id);
      byId(`${kind}-rooms`).hidden = !rooms.length && (kind === "favourite" || kind === "archived");
    }
    const wanted = this.filter.value.trim();
    if (wanted !== this.looked) this.unfoldArchive(wanted);
    this.elsewhere.hidden = !wanted;
    // What Enter opens.
    document.querySelector("#sidebar .next")?.classList.remove("next");
    if (wanted) this.first.classList.add("next");
    this.elsewhere.lastElementChild.textContent = interpolate(gettext("Search all public rooms for “%s”"), [wanted]);
  }

  /** What the filter found first. */
  get first() {
    return document.querySelector("#room-lists .room-link") ?? this.elsewhere;
  }

  /** Archived rooms are put away, unless one of them is open or looked for. */
  unfoldArchive(wanted = "") {
    this.looked = wanted;
    byId("archived-rooms").open = Boolean(wanted || this.rooms.get(this.current)?.archived);
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
      quiet: el("span", { class: "room-quiet" }, icon("bell-off")),
      mention: el("span", { class: "room-mention", "aria-hidden": "true" }, "@"),
      badge: el("span", { class: "badge", "aria-hidden": "true" }),
      state: el("span", { class: "unseen", id: `room-state-${room.id}` }),
      more: iconButton("more", "", { class: "icon-button room-more", "aria-haspopup": "dialog", "data-menu": room.id }),
    };
    parts.link = el(
      "a",
      { class: "room-link", "aria-describedby": `room-state-${room.id}`, draggable: "false" },
      parts.mark, el("span", { class: "room-link-text" }, parts.name, parts.draft), parts.quiet, parts.mention, parts.badge,
    );
    parts.element = el("li", { class: "room-item", "data-room": room.id }, parts.link, parts.more, parts.state);
    return parts;
  }

  patch(id) {
    const room = this.rooms.get(id);
    const parts = this.items.get(id);
    if (!room || !parts) return;
    const unread = this.rooms.unread(id);
    const name = roomName(room);
    const muted = room.notify === "none";
    const draft = id === this.current ? "" : this.drafts.get(id).text.trim();
    this.patchMark(parts, room);
    parts.name.textContent = name;
    parts.link.setAttribute("aria-label", name);
    parts.link.href = roomPath(room);
    parts.element.draggable = this.rooms.order === "hand";
    const options = interpolate(gettext("Options: %s"), [name]);
    Object.assign(parts.more, { ariaLabel: options, title: options });
    parts.link.classList.toggle("unread", unread > 0 && !muted);
    parts.link.classList.toggle("muted", muted);
    if (id === this.current) parts.link.setAttribute("aria-current", "page");
    else parts.link.removeAttribute("aria-current");
    parts.quiet.hidden = !muted;
    parts.badge.textContent = unread > MOST ? `${MOST}+` : String(unread);
    parts.badge.hidden = !unread || (muted && !room.mentions);
    parts.badge.classList.toggle("strong", room.kind === "direct" || room.mentions > 0);
    parts.mention.hidden = !unread || !room.mentions;
    parts.draft.hidden = !draft;
    parts.draft.textContent = interpolate(gettext("Draft: %s"), [draft.slice(0, 80)]);
    parts.state.textContent = this.describe(room, unread, draft);
  }

  patchMark(parts, room) {
    const direct = room.kind === "direct";
    const wanted = direct ? `${room.with.avatar_url} ${room.online > 1}` : (room.picture_url ?? markName(room));
    if (parts.shown === wanted) return;
    parts.shown = wanted;
    if (direct) parts.mark.replaceChildren(...[avatar(room.with, 24), room.online > 1 && el("span", { class: "presence" })].filter(Boolean));
    else parts.mark.replaceChildren(room.picture_url ? avatar({ avatar_url: room.picture_url }, 24) : icon(markName(room)));
  }

  describe(room, unread, draft) {
    const said = [];
    if (unread) said.push(interpolate(ngettext("%s unread", "%s unread", unread), [unread]));
    if (unread && room.mentions) said.push(interpolate(ngettext("%s mention", "%s mentions", room.mentions), [room.mentions]));
    if (draft) said.push(gettext("Draft"));
    if (room.notify === "none") said.push(gettext("muted"));
    return said.join(", ");
  }

  // What one can do to a room: by button, right click or long press.

  watchMenus(lists) {
    const roomAt = (target) => this.rooms.get(Number(target.closest("[data-room]")?.dataset.room));
    const open = (room) => room && this.menu(room, this.items.get(room.id).more);
    lists.addEventListener("click", ({ target }) => target.closest("[data-menu]") && open(roomAt(target)));
    lists.addEventListener("contextmenu", (event) => {
      const room = roomAt(event.target);
      if (room) event.preventDefault();
      if (event.pointerType !== "touch") open(room);
    });
    watchLongPress(lists, (target) => roomAt(target) && this.menu(roomAt(target)));
  }

  // The order by hand.

  place(id, onto) {
    const ids = idsOf(ordered(this.rooms.all, this.rooms.order));
    const after = ids.indexOf(id) < ids.indexOf(onto);
    const others = ids.filter((one) => one !== id);
    others.splice(others.indexOf(onto) + (after ? 1 : 0), 0, id);
    this.store(others);
  }

  /** Move a room up or down within its list. */
  move(id, by) {
    const list = Object.values(this.ordered).find((rooms) => rooms.some((room) => room.id === id)) ?? [];
    const next = list[list.findIndex((room) => room.id === id) + by];
    if (next) this.place(id, next.id);
  }

  store(ids) {
    ids.forEach((id, position) => Object.assign(this.rooms.get(id), { position }));
    this.draw();
    api.orderRooms("hand", ids).catch(complain);
  }

  filterKey(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      if (event.key === "Enter") this.first.click();
      else this.first.focus();
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
    return idsOf(this.ordered);
  }
}

const idsOf = (lists) => Object.values(lists).flatMap((rooms) => rooms.map((room) => room.id));

import { api } from "./api.js";
import { gettext } from "./i18n.js";
import { barrier, invitation } from "./barriers.js";
import { byId, onPhone } from "./page.js";
import { roomName, roomPath } from "./rooms.js";
import { complain, toast } from "./toasts.js";

const PATH = /^\/rooms\/(\d+)(?:-[^/]*)?\/(?:(\d+)\/)?$/;

/** Which room is open, in the page and in the address. Rooms change without loading the page. */
export class RoomPage {
  /** `parts`: whatever wants to know which room is open, by `open(id)`. */
  constructor({ rooms, timeline, composer, typing, reads, blocks, parts }) {
    Object.assign(this, { rooms, timeline, composer, typing, reads, blocks, parts });
    this.app = byId("app");
    addEventListener("popstate", ({ state }) => this.travelled(state));
    document.addEventListener("click", (event) => this.followed(event));
    byId("room-back").addEventListener("click", () => this.showRooms());
    rooms.addEventListener("left", ({ detail }) => this.left(detail));
    rooms.addEventListener("room", ({ detail }) => detail === this.id && this.changed());
    rooms.addEventListener("list", () => this.changed());
    blocks.addEventListener("changed", () => this.changed());
  }

  async begin(id, at) {
    const [, there] = location.pathname.match(PATH) ?? [];
    // Somebody went back before anything here listened.
    if (Number(there) !== id && this.rooms.get(Number(there))) return this.travelled(history.state);
    history.replaceState({ pane: "room" }, "");
    return this.show(id, at);
  }

  pane(name) {
    this.app.dataset.pane = name;
  }

  showRooms() {
    history.pushState({ pane: "rooms" }, "");
    this.pane("rooms");
    document.querySelector("#sidebar [aria-current]")?.focus();
  }

  travelled(state) {
    const [, id, at] = location.pathname.match(PATH) ?? [];
    if (!id || !this.rooms.get(Number(id))) return location.reload();
    this.pane(state?.pane ?? "room");
    if (Number(id) !== this.id) return this.show(Number(id), at ? Number(at) : null);
  }

  /** Links to rooms and messages are followed within the page. */
  followed(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const url = new URL(link.href);
    if (url.hash && url.pathname === location.pathname) return;
    const [, id, at] = url.pathname.match(PATH) ?? [];
    if (url.origin !== location.origin || !id || !this.rooms.get(Number(id))) return;
    event.preventDefault();
    this.go(Number(id), at ? Number(at) : null);
  }

  go(id, at = null) {
    if (id === this.id) {
      if (this.app.dataset.pane !== "room") history.pushState({ pane: "room" }, "");
      this.pane("room");
      return at ? this.timeline.goTo(at) : undefined;
    }
    history.pushState({ pane: "room" }, "", roomPath(this.rooms.get(id), at));
    this.pane("room");
    return this.show(id, at);
  }

  async show(id, at = null) {
    const room = this.rooms.get(id);
    this.id = id;
    this.rooms.opened(id);
    this.reads.resume();
    for (const part of this.parts) part.open(id);
    this.typing.open(id);
    this.composer.open(this.place(room));
    if (!onPhone()) this.composer.focus();
    await this.timeline.show(room, this.rooms.state(id), at, this.rooms.unread(id) > 0);
  }

  place(room) {
    return { id: room.id, barrier: barrier(room, this.blocks), prompt: invitation(room, roomName(room)) };
  }

  /** The open room was renamed, or who may write in it has changed. */
  changed() {
    const room = this.rooms.get(this.id);
    if (!room) return;
    this.composer.refresh(this.place(room));
    this.timeline.allow(room);
    const [, id, at] = location.pathname.match(PATH) ?? [];
    const path = roomPath(room, at);
    if (Number(id) === this.id && path !== location.pathname) history.replaceState(history.state, "", path);
    clearTimeout(this.unmuting);
    const left = Date.parse(room.muted_until ?? "") - Date.now();
    if (left > 0 && left < 86_400_000) this.unmuting = setTimeout(() => this.changed(), left + 500);
  }

  left({ room, reason }) {
    if (room !== this.id) return;
    const next = this.rooms.all.find((one) => one.default) ?? this.rooms.all[0];
    if (!next) return location.assign("/");
    if (!["left", "hidden"].includes(reason) && this.toldOf !== room) toast(gettext("You are no longer in that room."));
    this.toldOf = null;
    this.go(next.id);
  }

  /** A moderator did something to me, or to what I wrote. */
  moderated({ room, act, detail }) {
    if (act === "removed") this.toldOf = room;
    toast(detail);
  }

  async chatWith(user) {
    const known = this.rooms.all.find((room) => room.with?.id === user.id);
    if (known) return this.go(known.id);
    try {
      this.enter(await api.direct(user.id));
    } catch (error) {
      complain(error);
    }
  }

  /** Open a room that may be new to this page. */
  enter(room) {
    if (!this.rooms.get(room.id)) this.rooms.on_room_joined({ room });
    this.go(room.id);
  }

  step(ids, by) {
    const index = ids.indexOf(this.id);
    const next = ids[(index + by + ids.length) % ids.length];
    if (next !== undefined && next !== this.id) this.go(next);
  }

  stepUnread(ids, by) {
    const unread = ids.filter((id) => id === this.id || this.rooms.calling(id) > 0);
    this.step(unread, by);
  }
}

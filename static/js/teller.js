import { api } from "./api.js";
import { el } from "./dom.js";
import { summary } from "./excerpt.js";
import { gettext, interpolate, ngettext } from "./i18n.js";
import { fetched } from "./page.js";
import { roomName, roomPath } from "./rooms.js";
import { recall } from "./storage.js";
import { Tabs } from "./tabs.js";
import { TOLD, why } from "./telling.js";
import { showToast } from "./toasts.js";

// Not needed before something is shown outside the page.
const desktop = () => fetched("desktop", () => import("./desktop.js"));

const LOOK = 400;
const BREATH = 3000;

/** Tells of new messages: in the page, on the desktop, by a sound; and how many there are, on the tab's icon. */
export class Teller {
  constructor({ rooms, connection, timeline, chat, me }) {
    Object.assign(this, { rooms, connection, timeline, chat, me });
    this.tabs = new Tabs(me);
    this.quiet = false;
    this.news = 0;
    this.settled = connection.live;
    this.before = null;
    this.calling = new Map();
    this.toldAt = 0;
    rooms.addEventListener("fresh", ({ detail }) => this.came(detail));
    rooms.addEventListener("room", ({ detail }) => this.count(detail));
    rooms.addEventListener("list", () => this.count());
    timeline.addEventListener("seen", ({ detail }) => this.tabs.tellSeen(detail.room, detail.seq));
    connection.addEventListener("status", () => this.changed());
    connection.addEventListener("ready", () => this.returned());
    this.count();
    this.learn();
  }

  /** Whether one wants to be left alone is known to the server, for all devices. */
  learn() {
    const news = this.news;
    // What was said while this was on its way is newer.
    api.notifications().then((answer) => news === this.news && (this.quiet = answer.do_not_disturb), () => {});
  }

  take(event) {
    if (event.type !== "notifications.updated") return;
    this.news += 1;
    this.quiet = event.do_not_disturb;
  }

  wants(what) {
    return recall(`${what} ${this.me.id}`) === "1";
  }

  // How much there is.

  count(id) {
    if (id && this.rooms.get(id)) this.countRoom(id);
    if (this.counting) return;
    this.counting = true;
    queueMicrotask(() => {
      this.counting = false;
      this.showCount(this.rooms.totalCalling);
    });
  }

  /** The icons are drawn once there is something to count. */
  async showCount(count) {
    if (!count && !this.badge) return;
    this.badge ??= fetched("favicon_badge", () => import("./favicon_badge.js"));
    const badge = await this.badge.catch(() => (this.badge = null));
    badge?.showCount(count);
  }

  /** A room that was read needs no notification any more. */
  countRoom(id) {
    const unread = this.rooms.unread(id);
    if (!unread && this.calling.get(id)) desktop().then(({ putAway }) => putAway(id));
    this.calling.set(id, unread);
  }

  // What came.

  came({ room: id, message }) {
    if (!this.settled || this.quiet) return;
    const room = this.rooms.get(id);
    const reason = why(message, { room, me: this.me, isBlocked: this.rooms.isBlocked });
    if (!TOLD.has(reason) || this.onScreen(room)) return;
    if (this.tabs.focused) {
      if (id !== this.chat.id) this.tellHere(room, message);
    } else {
      // A tab that shows it says so first; and where the tab that told was just closed, another has taken its place by then.
      setTimeout(() => this.tabs.leads && this.tellElsewhere(room, message), LOOK);
    }
  }

  onScreen(room) {
    return room.id === this.chat.id && document.visibilityState === "visible" && this.timeline.following;
  }

  tellHere(room, message) {
    this.ring();
    const go = () => this.chat.go(room.id, message.seq);
    showToast(el("button", { type: "button", class: "toast news", onclick: go },
      el("b", { dir: "auto" }, titleOf(room, message)), " ", el("span", { dir: "auto" }, summary(message))));
  }

  async tellElsewhere(room, message) {
    const isRead = room.read_seq >= message.seq || this.tabs.hasSeen(room.id, message.seq);
    if (isRead || this.quiet || (await this.tabs.anyFocused())) return;
    this.ring();
    if (!this.wants("desktop")) return;
    const { shownCount } = await desktop();
    const count = (await shownCount(room.id)) + 1;
    const more = count > 1 ? `\n${interpolate(ngettext("and %s more", "and %s more", count - 1), [count - 1])}` : "";
    await this.show({ room, seq: message.seq, message: message.id, title: titleOf(room, message), body: summary(message) + more, count });
  }

  async show({ room, seq, message, title, body, count }) {
    const { notify, tagOf } = await desktop();
    const now = Date.now();
    const quiet = now - this.toldAt < BREATH;
    if (!quiet) this.toldAt = now;
    return notify({
      title, body, quiet, tag: room ? tagOf(room.id) : "summary", open: () => room && this.chat.go(room.id, seq),
      data: { url: room ? roomPath(room, seq) : location.pathname, room: room?.id, seq, message, count },
    });
  }

  /** One sound at a time, if one wants any. */
  ring() {
    const now = Date.now();
    if (!this.wants("sound") || now - (this.rangAt ?? 0) < BREATH) return;
    this.rangAt = now;
    import("./chime.js").then(({ chime }) => chime(), () => {});
  }

  // After a break: one summary.

  changed() {
    if (this.connection.live || !this.settled) return;
    this.settled = false;
    this.before = new Map(this.rooms.all.map((room) => [room.id, this.toldIn(room)]));
  }

  /** How much of what is unread in a room one is told of, as far as counts say. */
  toldIn(room) {
    if (room.told_of === "none") return 0;
    return room.told_of === "all" ? this.rooms.unread(room.id) : (room.mentions ?? 0);
  }

  returned() {
    const { before } = this;
    this.settled = true;
    this.before = null;
    this.learn();
    // Read marks of other tabs and devices are on their way too.
    if (before) setTimeout(() => this.summarise(before), LOOK);
  }

  async summarise(before) {
    if (this.quiet) return;
    const grown = this.rooms.all
      .map((room) => ({ room, count: this.toldIn(room) - (before.get(room.id) ?? 0) }))
      .filter(({ room, count }) => count > 0 && !this.onScreen(room));
    const count = grown.reduce((total, one) => total + one.count, 0);
    if (!count) return;
    const where = grown.length === 1 ? roomName(grown[0].room) : interpolate(ngettext("%s room", "%s rooms", grown.length), [grown.length]);
    const text = interpolate(ngettext("%s new message while you were away", "%s new messages while you were away", count), [count]);
    const only = grown.length === 1 ? grown[0].room : null;
    if (this.tabs.focused) return this.tellSummary(`${where}: ${text}`, only);
    if (!this.tabs.leads || (await this.tabs.anyFocused())) return;
    this.ring();
    if (this.wants("desktop")) await this.show({ room: only, seq: only && only.read_seq + 1, title: where, body: text });
  }

  tellSummary(text, room) {
    this.ring();
    showToast(room ? el("button", { type: "button", class: "toast news", onclick: () => this.chat.go(room.id) }, text) : el("p", { class: "toast" }, text));
  }
}

function titleOf(room, message) {
  const person = message.author.nickname;
  return room.kind === "direct" ? person : interpolate(gettext("%(person)s in %(room)s"), { person, room: roomName(room) });
}

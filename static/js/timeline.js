import { dayOf } from "./dates.js";
import { el } from "./dom.js";
import { messageView } from "./message_view.js";
import { Outgoing } from "./outgoing.js";
import { PresenceNote } from "./presence_notes.js";
import { ScrollKeeper } from "./scroll_keeper.js";
import { dayLine, followsOn, moreAbove, newLine, roomStart, skeleton } from "./timeline_lines.js";

/**
 * The messages of the open room. Draws a room once when it is opened, and afterwards patches what changed.
 *
 * Events: "seen" (detail: {room, seq}: the newest message on the screen); "moved" (the view moved or grew);
 * "replaced" (detail: {old, article, message}: another element stands for a message now).
 */
export class Timeline extends EventTarget {
  constructor({ scroller, list, people, outbox, me }) {
    super();
    Object.assign(this, { scroller, list, people });
    this.edge = el("div");
    this.rows = el("div");
    this.outgoing = new Outgoing({ outbox, me });
    this.views = new Map();
    this.keeper = new ScrollKeeper(scroller, list, { articles: () => this.articles, moved: () => this.moved() });
    this.listeners = { rows: ({ detail }) => this.patch(detail), window: () => this.redraw(), head: () => this.movedSoon() };
    outbox.addEventListener("changed", ({ detail }) => detail === this.room?.id && this.keeper.keep(() => this.drawOutgoing()));
    people.addEventListener("user", ({ detail }) => this.rename(detail));
    document.addEventListener("visibilitychange", () => this.moved());
  }

  // Opening a room.

  /** Show `room`; `at` is a seq to open at, or null for the first unread or the newest. */
  async show(room, state, at = null) {
    this.leave();
    Object.assign(this, { room, state, newSeq: null, seen: room.read_seq, note: null, drawn: false });
    for (const [type, listener] of Object.entries(this.listeners)) state.addEventListener(type, listener);
    const unread = state.head > room.read_seq;
    const target = at ?? (unread ? room.read_seq + 1 : null);
    if (unread) this.newSeq = room.read_seq + 1;
    if (!(await this.loadFor(target))) return;
    if (this.state !== state) return;
    if (!this.drawn) this.redraw();
    this.place(at);
  }

  leave() {
    if (!this.state) return;
    for (const [type, listener] of Object.entries(this.listeners)) this.state.removeEventListener(type, listener);
    this.state.eye = Infinity;
    this.state = null;
  }

  /** Have the window that `target` is in. Answers false if another room was opened or nothing could be loaded. */
  async loadFor(target) {
    const { state } = this;
    const held = state.loaded && (target === null ? state.atEnd : state.covers(target) && state.find(target));
    if (held) return true;
    if (!this.drawn) this.list.replaceChildren(...skeleton());
    for (;;) {
      try {
        await state.open(target);
        return state === this.state;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        if (state !== this.state) return false;
      }
    }
  }

  place(at) {
    const target = at ?? this.newSeq;
    const view = target && this.views.get(target);
    if (!view) return this.keeper.toEnd();
    this.keeper.bring(view.lead[0] ?? view.article, at ? 0.4 : 0.2);
    if (at) this.flash(at);
  }

  flash(seq) {
    const article = this.views.get(seq)?.article;
    if (!article) return;
    article.classList.add("flash");
    setTimeout(() => article.classList.remove("flash"), 1700);
  }

  async goTo(seq) {
    const { state } = this;
    if (!(await this.loadFor(seq)) || state !== this.state) return;
    if (!this.drawn) this.redraw();
    const view = this.views.get(seq);
    if (!view) return;
    this.keeper.bring(view.article, 0.4);
    this.flash(seq);
    view.article.focus({ preventScroll: true });
  }

  async toEnd() {
    const { state } = this;
    if (!state.atEnd && !(await this.loadFor(null))) return;
    if (state !== this.state) return;
    if (!this.drawn) this.redraw();
    this.keeper.toEnd();
  }

  // Drawing and patching.

  get articles() {
    if (!this.drawn) return [];
    return this.state.messages.map((message) => this.views.get(message.seq)?.article).filter(Boolean);
  }

  redraw() {
    if (!this.state?.loaded) return;
    this.list.setAttribute("aria-busy", "true");
    this.views.clear();
    this.rows.replaceChildren();
    this.drawn = true;
    for (const message of this.state.messages) this.insert(message);
    this.state.messages.forEach((message, index) => this.dress(message, this.state.messages[index - 1]));
    this.drawEdge();
    this.drawOutgoing();
    this.list.replaceChildren(this.edge, this.rows, this.outgoing.element);
    this.keeper.hold();
    setTimeout(() => this.list.removeAttribute("aria-busy"), 100);
  }

  patch({ added, updated, removed }) {
    if (!this.drawn) return;
    this.noticeAbsence(added);
    this.keeper.keep(() => {
      for (const message of removed) this.remove(message.seq);
      for (const message of updated) this.replace(message);
      for (const message of added) this.insert(message);
      this.dressAround([...added, ...updated, ...removed]);
      if (removed.length) this.clearAbove();
      this.drawEdge();
      if (added.length || removed.length) this.drawOutgoing();
    });
    this.moved();
  }

  /** A "New" line for what came while nobody looked. */
  noticeAbsence(added) {
    const first = added.find((message) => message.seq > this.seen && message.author?.id !== this.outgoing.me.id);
    if (!first || document.visibilityState === "visible" || this.newSeq > this.seen) return;
    const old = this.newSeq;
    this.newSeq = first.seq;
    const { state } = this;
    if (state.find(old)) this.dress(state.find(old), state.messages[state.indexOf(old) - 1]);
  }

  insert(message) {
    const article = messageView(message, this.people);
    const view = { article, lead: [] };
    const next = this.nextView(message.seq);
    this.views.set(message.seq, view);
    this.rows.insertBefore(article, next ? (next.lead[0] ?? next.article) : null);
    if (!next) this.note = null;
  }

  nextView(seq) {
    const { messages } = this.state;
    for (let index = this.state.indexOf(seq + 1); index < messages.length; index += 1) {
      const view = this.views.get(messages[index].seq);
      if (view) return view;
    }
    return null;
  }

  replace(message) {
    const view = this.views.get(message.seq);
    if (!view) return;
    const had = view.article.contains(document.activeElement);
    const article = messageView(message, this.people);
    article.tabIndex = view.article.tabIndex;
    const old = view.article;
    old.replaceWith(article);
    view.article = article;
    if (had) article.focus({ preventScroll: true });
    this.dispatchEvent(new CustomEvent("replaced", { detail: { old, article, message } }));
  }

  remove(seq) {
    const view = this.views.get(seq);
    if (!view) return;
    this.views.delete(seq);
    for (const element of [...view.lead, view.article]) element.remove();
  }

  dressAround(messages) {
    const { state } = this;
    const indexes = new Set([0]);
    for (const { seq } of messages) {
      const index = state.indexOf(seq);
      indexes.add(index);
      indexes.add(index + 1);
    }
    for (const index of indexes) if (state.messages[index]) this.dress(state.messages[index], state.messages[index - 1]);
  }

  /** What stood between messages that were dropped from the top goes with them. */
  clearAbove() {
    const top = this.views.get(this.state.first);
    while (top && this.rows.firstChild !== (top.lead[0] ?? top.article)) this.rows.firstChild.remove();
  }

  /** Give a message its lines above and its place in a group. */
  dress(message, before) {
    const view = this.views.get(message.seq);
    if (!view) return;
    const newDay = !before || dayOf(before.created_at) !== dayOf(message.created_at);
    const isNew = message.seq === this.newSeq;
    const wanted = `${newDay ? dayOf(message.created_at) : ""}|${isNew}`;
    if (view.wanted !== wanted) {
      view.wanted = wanted;
      for (const element of view.lead) element.remove();
      view.lead = [newDay && dayLine(message.created_at), isNew && newLine()].filter(Boolean);
      view.article.before(...view.lead);
    }
    view.article.classList.toggle("follows", !isNew && followsOn(before, message));
  }

  drawEdge() {
    const atStart = this.state.atStart || !this.state.messages.length;
    if (this.edge.dataset.start === String(atStart) && this.edge.dataset.room === String(this.room.id)) return;
    Object.assign(this.edge.dataset, { start: atStart, room: this.room.id });
    this.edge.replaceChildren(atStart ? roomStart(this.room) : moreAbove());
  }

  drawOutgoing() {
    if (this.drawn) this.outgoing.draw(this.room.id, this.state.messages.at(-1));
  }

  /** Gather who came and left into a line after the newest message. */
  tellPresence(change) {
    if (!this.drawn || !this.state.atEnd) return;
    this.keeper.keep(() => {
      this.note ??= new PresenceNote();
      this.note.add(change);
      if (!this.note.element.isConnected) this.rows.append(this.note.element);
    });
  }

  append(element) {
    if (this.drawn) this.keeper.keep(() => this.rows.append(element));
  }

  rename(user) {
    for (const { article } of this.views.values()) {
      if (article.dataset.author !== String(user.id)) continue;
      article.querySelector(".author").textContent = user.nickname;
      article.querySelector(".avatar").src = user.avatar_url;
    }
  }

  // Where the eye is.

  /** How many messages came below what has been on the screen. */
  get below() {
    return this.state ? Math.max(0, this.state.head - this.seen) : 0;
  }

  get following() {
    return this.keeper.following && Boolean(this.state?.atEnd);
  }

  movedSoon() {
    if (this.soon) return;
    this.soon = true;
    queueMicrotask(() => {
      this.soon = false;
      this.moved();
    });
  }

  moved() {
    const { state, keeper } = this;
    if (!state || !this.drawn) return;
    state.eye = this.following ? Infinity : Number(keeper.anchor?.dataset.seq ?? Infinity);
    this.look();
    this.loadEdges();
    this.dispatchEvent(new Event("moved"));
  }

  look() {
    if (document.visibilityState !== "visible") return;
    const seq = this.following ? this.state.head : Number(this.keeper.lowest?.dataset.seq ?? 0);
    this.seen = Math.max(this.seen, seq);
    this.dispatchEvent(new CustomEvent("seen", { detail: { room: this.room.id, seq } }));
  }

  loadEdges() {
    const near = this.scroller.clientHeight * 1.5;
    if (!near || this.edgeFailed) return;
    if (this.keeper.fromStart < near) this.load("loadBefore");
    if (this.keeper.fromEnd < near) this.load("loadAfter");
  }

  async load(direction) {
    const { state } = this;
    try {
      await state[direction]();
    } catch {
      this.edgeFailed = true;
      setTimeout(() => {
        this.edgeFailed = false;
        this.moved();
      }, 3000);
    }
  }
}

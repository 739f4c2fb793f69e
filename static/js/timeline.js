import { el } from "./dom.js";
import { Outgoing } from "./outgoing.js";
import { nextTask } from "./page.js";
import { mayRestore, rightsIn } from "./restoring.js";
import { ScrollKeeper } from "./scroll_keeper.js";
import { moreAbove, roomStart, skeleton } from "./timeline_lines.js";
import { TimelineRows } from "./timeline_rows.js";

const AGAIN = 2000;
const NEAR = 1200;
// As long as the animation of that name.
const FLASH = 3600;
// How many messages are drawn in one task.
const PART = 16;

/**
 * The messages of the open room. Draws a room once when it is opened, what is to be seen first, and afterwards patches what changed.
 *
 * Events: "seen" (detail: {room, seq}: the newest message on the screen); "moved" (the view moved or grew);
 * "replaced" (detail: {old, article, message}: another element stands for a message now).
 */
export class Timeline extends EventTarget {
  constructor({ scroller, list, people, blocks, outbox, me }) {
    super();
    Object.assign(this, { scroller, list, me, blocks });
    this.edge = el("div");
    this.waiting = el("div", { class: "timeline-list" }, skeleton());
    this.rows = new TimelineRows({
      people, blocks,
      moderates: () => Boolean(this.room?.abilities?.includes("versions")),
      mayRestore: (message) => mayRestore(message, this.room, blocks),
      toggled: (line, change) => this.toggle(line, change),
      replaced: (detail) => this.dispatchEvent(new CustomEvent("replaced", { detail })),
    });
    this.outgoing = new Outgoing({ outbox, me });
    this.keeper = new ScrollKeeper(scroller, list, { articles: () => this.articles, standIn: (article) => this.rows.standIn(article), moved: () => this.moved() });
    this.listeners = { rows: ({ detail }) => this.patch(detail), window: () => this.redraw(), head: () => this.movedSoon() };
    outbox.addEventListener("changed", ({ detail }) => detail === this.room?.id && this.keeper.keep(() => this.drawOutgoing()));
    people.addEventListener("user", ({ detail }) => this.rows.rename(detail));
    blocks.addEventListener("changed", () => this.state?.loaded && this.patch({ added: [], updated: [...this.state.messages], removed: [] }));
    document.addEventListener("visibilitychange", () => this.moved());
  }

  /** Show what someone wrote whom I have blocked. */
  unfold(message) {
    this.rows.unfolded.add(message.id);
    this.patch({ added: [], updated: [message], removed: [] });
  }

  /** Show a message as its author words it now; unless it was not `saved`, a promise of the ack. */
  async reword({ id, seq }, body, saved) {
    const redraw = () => {
      const message = this.state?.find(seq);
      if (message?.id === id) this.patch({ added: [], updated: [message], removed: [] });
    };
    const wording = { body, edited: this.state.find(seq)?.edited_at };
    this.rows.reworded.set(id, wording);
    redraw();
    const { change } = await saved.catch(() => ({ change: 0 }));
    // A change that is yet to come brings the new text itself.
    if (change > (this.state?.find(seq)?.change ?? Infinity)) return;
    if (this.rows.reworded.get(id) !== wording) return;
    this.rows.reworded.delete(id);
    redraw();
  }

  /** Open or close a fold; its line stays under the pointer. */
  toggle(line, change) {
    this.keeper.keepAt(line, change);
    this.moved();
  }

  /** The open room is something else to me now: what is offered at its messages follows. */
  allow(room) {
    if (room.id !== this.room?.id) return;
    const allowed = rightsIn(room, this.blocks);
    const had = this.allowed;
    Object.assign(this, { room, allowed });
    if (!this.drawn || had === allowed) return;
    this.patch({ added: [], updated: this.state.messages.filter((message) => message.deleted_at || message.edited_at), removed: [] });
  }

  // Opening a room.

  /** Show `room`; `at` is a seq to open at, or null for the first unread (if it `isUnread`) or the newest. */
  async show(room, state, at, isUnread) {
    this.leave();
    Object.assign(this, { room, state, newSeq: null, seen: room.read_seq, drawn: false, isPlaced: false, allowed: rightsIn(room, this.blocks) });
    for (const [type, listener] of Object.entries(this.listeners)) state.addEventListener(type, listener);
    const target = at ?? (isUnread ? room.read_seq + 1 : null);
    if (isUnread) this.newSeq = room.read_seq + 1;
    await this.openAt(target, () => this.place(at));
  }

  leave() {
    if (!this.state) return;
    for (const [type, listener] of Object.entries(this.listeners)) this.state.removeEventListener(type, listener);
    this.state.eye = Infinity;
    this.state = null;
  }

  /**
   * Have `target` drawn, a seq or null for the newest, and then `place()` the view; unless somebody wishes to be elsewhere
   * meanwhile, in another room or in this one.
   */
  async openAt(target, place) {
    const { state } = this;
    const wish = (this.wish = { target });
    const isWanted = () => state === this.state && wish === this.wish;
    await this.loadFor(target, isWanted);
    // What came with the page shows its messages already.
    if (!this.hasDrawn) await nextTask();
    if (!isWanted()) return;
    if (!this.drawn) this.redraw();
    this.wish = null;
    this.isPlaced = true;
    place();
  }

  /** Have the window that `target` is in, as long as it `isWanted()`. */
  async loadFor(target, isWanted) {
    const { state } = this;
    const held = state.loaded && (target === null ? state.atEnd : state.covers(target) && state.find(target));
    if (held) return;
    if (!this.drawn) this.wait(true);
    while (isWanted()) {
      try {
        // A room that was left may have it: it is there for the next time.
        return await state.open(target, () => state !== this.state || isWanted());
      } catch (error) {
        if (!error.code) throw error;
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    }
  }

  /** Something stands for the messages until they are here. */
  wait(isWaiting) {
    this.list.hidden = isWaiting;
    if (isWaiting) this.scroller.append(this.waiting);
    else this.waiting.remove();
  }

  place(at) {
    const target = at ?? this.newSeq;
    if (at) this.rows.reveal(at);
    const element = target && this.rows.head(target);
    if (!element) return this.keeper.toEnd();
    this.keeper.bring(element, at ? 0.4 : 0.2);
    const article = at && this.rows.article(at);
    if (article) this.flash(article);
  }

  flash(article) {
    article.classList.add("flash");
    setTimeout(() => article.classList.remove("flash"), FLASH);
  }

  goTo(seq) {
    return this.openAt(seq, () => {
      while (seq < this.upper && this.drawMore());
      const article = this.rows.article(seq);
      if (!article) return;
      this.rows.reveal(seq);
      this.fill(seq);
      this.keeper.bring(article, 0.4);
      this.flash(article);
      article.focus({ preventScroll: true });
    });
  }

  toEnd() {
    return this.openAt(null, () => this.keeper.toEnd());
  }

  // Drawing and patching.

  get articles() {
    return this.drawn ? this.rows.articles : [];
  }

  redraw() {
    if (!this.state?.loaded) return;
    this.list.setAttribute("aria-busy", "true");
    const target = this.wish ? this.wish.target : this.keeper.heldSeq;
    this.rows.draw(this.state, this.newSeq, this.firstPart(target));
    this.drawn = this.hasDrawn = true;
    this.drawEdge();
    this.drawOutgoing();
    this.list.replaceChildren(this.edge, this.rows.element, this.outgoing.element);
    this.wait(false);
    this.keeper.atEnd = this.state.atEnd;
    this.keeper.hold();
    this.fill(target);
    this.drawRest();
  }

  /** From `target` to the end of the window, or the end alone, with some above it. A run of deleted ones is folded as a whole. */
  firstPart(target) {
    const { messages } = this.state;
    const aim = target === null ? messages.length : this.state.indexOf(target);
    let index = Math.max(0, aim - PART);
    while (index && messages[index - 1].deleted_at) index -= 1;
    this.upper = index ? messages[index].seq : -Infinity;
    return messages.slice(index);
  }

  /** Have a view full above what is to be seen, so that it can be put where it belongs. */
  fill(target) {
    const head = this.rows.head(target);
    const seen = () => head?.getBoundingClientRect().top ?? this.list.getBoundingClientRect().bottom;
    const height = () => seen() - this.edge.getBoundingClientRect().bottom;
    while (this.upper > 0 && height() < this.scroller.clientHeight && this.drawMore());
  }

  /** Draw the next part above. Answers whether there may be more. */
  drawMore() {
    const { messages } = this.state;
    const end = this.state.indexOf(this.upper);
    const added = messages.slice(Math.max(0, end - PART), end);
    this.keeper.keep(() => this.rows.patch({ added, updated: [], removed: [] }));
    this.upper = end > PART ? added[0].seq : -Infinity;
    return this.upper > 0;
  }

  /** Draw what is left above, part by part, in tasks of their own. */
  async drawRest() {
    const turn = (this.turn = {});
    while (this.upper > 0) {
      await nextTask();
      if (turn !== this.turn || !this.drawn) return;
      if (!this.drawMore()) this.moved();
    }
    setTimeout(() => turn === this.turn && this.list.removeAttribute("aria-busy"), 100);
  }

  patch({ added, ...change }) {
    if (!this.drawn) return;
    const draw = () => {
      // What is above the drawn part comes with its own.
      this.rows.patch({ ...change, added: added.filter(({ seq }) => seq >= this.upper) });
      this.noticeAbsence(added);
      this.drawEdge();
      this.drawOutgoing();
    };
    this.outgoing.slide(() => this.keeper.keep(draw));
    this.moved();
  }

  /** A "New" line for what came while nobody looked. */
  noticeAbsence(added) {
    const first = added.find((message) => message.seq > this.seen && message.author?.id !== this.me.id);
    if (!first || this.isLookedAt || this.newSeq > this.seen) return;
    this.newSeq = first.seq;
    this.rows.markNew(first.seq);
  }

  drawEdge() {
    const atStart = this.state.atStart || !this.state.messages.length;
    if (this.edge.dataset.start === String(atStart) && this.edge.dataset.room === String(this.room.id)) return;
    Object.assign(this.edge.dataset, { start: atStart, room: this.room.id });
    this.edge.replaceChildren(atStart ? roomStart(this.room) : moreAbove());
  }

  drawOutgoing() {
    if (!this.drawn) return;
    const { messages } = this.state;
    this.outgoing.draw(this.room.id, messages, this.rows.endsApart ? null : messages.at(-1));
  }

  tellPresence(change) {
    if (this.drawn && this.state.atEnd) this.keeper.keep(() => this.rows.tellPresence(change));
  }

  append(element) {
    if (this.drawn) this.keeper.keep(() => this.rows.element.append(element));
  }

  // Where the eye is.

  /** How many messages came below what has been on the screen. */
  get below() {
    if (!this.state) return 0;
    const gone = this.state.messages.filter(({ seq, deleted_at }) => deleted_at && seq > this.seen).length;
    return Math.max(0, this.state.head - this.seen - gone);
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
    if (!state || !this.isPlaced) return;
    keeper.atEnd = state.atEnd;
    if (keeper.isShown) state.eye = this.following ? Infinity : Number(keeper.anchor?.dataset.seq ?? Infinity);
    this.look();
    this.loadEdges();
    this.dispatchEvent(new Event("moved"));
  }

  /** Whether somebody can be looking: on a phone the list of rooms may lie over it. */
  get isLookedAt() {
    return document.visibilityState === "visible" && this.keeper.isShown;
  }

  look() {
    if (!this.isLookedAt) return;
    const seq = this.following ? this.state.head : Number(this.keeper.lowest?.dataset.seq ?? 0);
    this.seen = Math.max(this.seen, seq);
    this.dispatchEvent(new CustomEvent("seen", { detail: { room: this.room.id, seq } }));
  }

  loadEdges() {
    // Far less than half a full window, or its ends would be loaded and dropped in turn for ever.
    const near = Math.min(this.scroller.clientHeight * 1.5, NEAR);
    if (!near || this.edgeFailed || this.upper > 0) return;
    // A fold longer than the window: what is loaded at one end is dropped at the other, and nothing more comes into view.
    if (this.state.isFull && this.keeper.fromStart < near && this.keeper.fromEnd < near) return;
    if (this.keeper.fromStart < near) this.load("loadBefore");
    if (this.keeper.fromEnd < near) this.load("loadAfter");
  }

  async load(direction) {
    const { state } = this;
    try {
      const grew = await state[direction]();
      if (grew && state === this.state) this.movedSoon();
    } catch (error) {
      if (!error.code) throw error;
      this.edgeFailed = true;
      setTimeout(() => {
        this.edgeFailed = false;
        this.moved();
      }, AGAIN);
    }
  }
}

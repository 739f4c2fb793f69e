import { Held } from "./held_events.js";

export const LARGEST_WINDOW = 300;
export const PAGE = 50;

/**
 * What is known of one room: the last change applied, and a window of its messages without holes. Never touches the page.
 *
 * Events: "rows" (detail {added, updated, removed}: arrays of messages), "window" (all of it was replaced),
 * "fresh" (detail: a message that just became the room's newest), "head", "gap" (detail: the change to sync from).
 */
export class RoomState extends EventTarget {
  /** `loadPage(query)` answers with a REST page `{messages, head}`. */
  constructor(id, { loadPage, head = { seq: 0, change: 0 } }) {
    super();
    this.id = id;
    this.loadPage = loadPage;
    this.head = head.seq;
    this.last = head.change;
    this.held = new Held((since) => this.dispatchEvent(new CustomEvent("gap", { detail: since })));
    this.loads = 0;
    this.meanwhile = [];
    this.forget();
  }

  forget() {
    this.messages = [];
    this.loaded = false;
    this.atEnd = false;
    this.patch = null;
  }

  get first() {
    return this.messages[0]?.seq ?? 1;
  }

  get newest() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  get atStart() {
    return this.loaded && this.first === 1;
  }

  /** The place of `seq` in the window, or where it would be put. */
  indexOf(seq) {
    let low = 0;
    let high = this.messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.messages[middle].seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  find(seq) {
    const message = this.messages[this.indexOf(seq)];
    return message?.seq === seq ? message : null;
  }

  byId(id) {
    return this.messages.find((message) => message.id === id) ?? null;
  }

  /** Follow from `head` where there is no window to keep right. */
  adopt(head) {
    this.last = head.change;
    this.head = head.seq;
    this.held.settle(this.last);
  }

  // Events, by PROTOCOL's client rules 2 to 5.

  accept(event) {
    if (this.resetting) return void this.resetting.push(event);
    if (event.change <= this.last) return;
    if (event.change > this.last + 1) return this.held.hold(event, this.last);
    this.advance(event);
    for (let next = this.held.take(this.last + 1); next; next = this.held.take(this.last + 1)) this.advance(next);
  }

  advance({ change, message }) {
    this.last = change;
    this.apply(message);
    this.held.settle(this.last);
  }

  /** Apply a `room.synced`. Returns the change to ask again from, or null. */
  synced({ since, upto, head, messages, more, reset }) {
    if (this.resetting) return null;
    if (reset) {
      this.reset();
      return null;
    }
    if (since > this.last) return this.last;
    for (const message of [...messages].sort((a, b) => a.seq - b.seq)) this.apply(message);
    this.last = Math.max(this.last, upto);
    this.reach(head.seq);
    for (let next = this.held.take(this.last + 1); next; next = this.held.take(this.last + 1)) this.advance(next);
    this.held.settle(this.last);
    return more ? this.last : null;
  }

  apply(message) {
    if (this.loads) this.meanwhile.push(message);
    this.put(message);
    if (message.seq <= this.head) return;
    this.reach(message.seq);
    this.dispatchEvent(new CustomEvent("fresh", { detail: message }));
  }

  reach(seq) {
    if (seq <= this.head) return;
    this.head = seq;
    this.dispatchEvent(new Event("head"));
  }

  put(message) {
    const index = this.indexOf(message.seq);
    const held = this.messages[index];
    if (held?.seq === message.seq) {
      if (message.change <= held.change) return;
      this.messages[index] = message;
      this.note("updated", message);
    } else if (this.covers(message.seq)) {
      this.messages.splice(index, 0, message);
      this.note("added", message);
    }
  }

  covers(seq) {
    if (!this.loaded || seq < this.first) return false;
    return this.atEnd || seq <= this.newest;
  }

  /** Patches are told once for all that came in one frame. */
  note(kind, message) {
    if (!this.patch) {
      this.patch = { added: new Map(), updated: new Map(), removed: new Map() };
      queueMicrotask(() => this.tell());
    }
    const other = kind === "updated" && this.patch.added.has(message.seq) ? "added" : kind;
    this.patch[other].set(message.seq, message);
  }

  tell() {
    if (!this.patch) return;
    this.trim();
    const detail = Object.fromEntries(Object.entries(this.patch).map(([kind, rows]) => [kind, [...rows.values()]]));
    this.patch = null;
    this.dispatchEvent(new CustomEvent("rows", { detail }));
  }

  // The window. Its far end, seen from the eye, is dropped when it grows too large.

  /** The seq that is being read, or Infinity while the newest is followed; the page sets it. */
  eye = Infinity;

  trim() {
    const extra = this.messages.length - LARGEST_WINDOW;
    if (extra <= 0) return;
    const fromTop = this.eye - this.first >= this.newest - this.eye;
    const dropped = fromTop ? this.messages.splice(0, extra) : this.messages.splice(-extra);
    if (!fromTop) this.atEnd = false;
    for (const message of dropped) {
      if (!this.patch.added.delete(message.seq)) this.patch.removed.set(message.seq, message);
      this.patch.updated.delete(message.seq);
    }
  }

  /** Show the newest page, or the one around `seq`. */
  async open(seq = null) {
    const page = await this.fetch(seq === null ? {} : { around: seq });
    this.replace(page);
  }

  replace({ messages, head }) {
    this.forget();
    this.messages = messages;
    this.loaded = true;
    this.atEnd = this.newest >= head.seq;
    this.catchUp(head.seq);
    this.patch = null;
    this.dispatchEvent(new Event("window"));
  }

  async loadBefore() {
    if (this.loadingBefore || !this.loaded || this.atStart) return;
    this.loadingBefore = true;
    try {
      const { first } = this;
      const { messages } = await this.fetch({ before: first });
      if (first === this.first) this.join(messages, 0);
    } finally {
      this.loadingBefore = false;
    }
  }

  async loadAfter() {
    if (this.loadingAfter || !this.loaded || this.atEnd) return;
    this.loadingAfter = true;
    try {
      const { newest } = this;
      const { messages, head } = await this.fetch({ after: newest });
      if (newest !== this.newest) return;
      this.join(messages, this.messages.length);
      this.atEnd = this.newest >= head.seq;
      this.catchUp(head.seq);
    } finally {
      this.loadingAfter = false;
    }
  }

  join(messages, index) {
    this.messages.splice(index, 0, ...messages);
    for (const message of messages) this.note("added", message);
    for (const message of this.meanwhile) this.put(message);
  }

  /** A page may be older than what came over the line while it was fetched. */
  catchUp(head) {
    this.reach(head);
    for (const message of this.meanwhile) this.put(message);
    if (this.newest < this.head) this.atEnd = false;
  }

  async fetch(query) {
    this.loads += 1;
    try {
      return await this.loadPage({ limit: PAGE, ...query });
    } finally {
      this.loads -= 1;
      // Later, so that whoever waits for the page can still merge it.
      setTimeout(() => this.loads || (this.meanwhile = []));
    }
  }

  /** Rule 5: what is held may be wrong; take a page and follow from its head. The old window stays in view until then. */
  async reset({ toNewest = false } = {}) {
    if (this.resetting) return;
    this.resetting = [];
    this.held.clear();
    const around = toNewest || !Number.isFinite(this.eye) ? {} : { around: this.eye };
    try {
      const page = await this.fetch(this.loaded ? around : { limit: 1 });
      this.followFrom(page);
    } catch {
      this.resetting = null;
      this.resetLater = setTimeout(() => this.reset({ toNewest }), 2000 + Math.random() * 3000);
    }
  }

  followFrom(page) {
    const events = this.resetting;
    this.resetting = null;
    this.last = page.head.change;
    this.head = page.head.seq;
    if (this.loaded) this.replace(page);
    this.dispatchEvent(new Event("head"));
    for (const event of events) this.accept(event);
  }
}

import { Held } from "./held_events.js";
import { MessageWindow } from "./message_window.js";

const PAGE = 50;

/**
 * What is known of one room: the last change applied, and a window of its messages. Never touches the page.
 *
 * Events besides those of the window: "fresh" (detail: a message that just became the room's newest), "head" (there is
 * more, or all is different), "gap" (detail: the change to sync from).
 */
export class RoomState extends MessageWindow {
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
    this.held.settle(this.last);
    if (event.change > this.last + 1) return this.held.hold(event);
    this.advance(event);
    this.goOn();
  }

  advance({ change, message }) {
    this.last = change;
    this.apply(message);
  }

  /** Apply what had come too early and is next now. */
  goOn() {
    for (let next = this.held.take(this.last + 1); next; next = this.held.take(this.last + 1)) this.advance(next);
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
    this.goOn();
    return more ? this.last : null;
  }

  apply(message) {
    if (this.loads) this.meanwhile.push(message);
    this.put(message);
    this.requote(message);
    if (message.seq <= this.head) return;
    this.reach(message.seq);
    this.dispatchEvent(new CustomEvent("fresh", { detail: message }));
  }

  reach(seq) {
    if (seq <= this.head) return;
    this.head = seq;
    this.dispatchEvent(new Event("head"));
  }

  /** Show the newest page, or the one around `seq`; unless it `isWanted()` no more when it is here. */
  async open(seq = null, isWanted = () => true) {
    const page = await this.fetch(seq === null ? {} : { around: seq });
    if (isWanted()) this.replace(page);
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

  /** Lengthen the window upwards. Answers whether it did. */
  async loadBefore() {
    if (this.loadingBefore || !this.loaded || this.atStart) return false;
    this.loadingBefore = true;
    try {
      const { first } = this;
      const { messages } = await this.fetch({ before: first });
      if (first !== this.first) return false;
      this.join(messages, 0);
      return messages.length > 0;
    } finally {
      this.loadingBefore = false;
    }
  }

  /** Lengthen the window downwards. Answers whether it did, or found that it ends there. */
  async loadAfter() {
    if (this.loadingAfter || !this.loaded || this.atEnd) return false;
    this.loadingAfter = true;
    try {
      const { newest } = this;
      const { messages, head } = await this.fetch({ after: newest });
      if (newest !== this.newest) return false;
      this.join(messages, this.messages.length);
      this.atEnd = this.newest >= head.seq;
      this.catchUp(head.seq);
      return messages.length > 0 || this.atEnd;
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
    } catch (error) {
      if (!error.code) throw error;
      this.resetting = null;
      setTimeout(() => this.reset({ toNewest }), 2000 + Math.random() * 3000);
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

import { excerpt } from "./excerpt.js";

// What is deleted is folded where it stands in runs, and counts for less: else a window full of it would be a line or two.
const WHOLE = 5;
const LARGEST_WINDOW = 300 * WHOLE;
const PAGE = 50 * WHOLE;

const weightOf = (message) => (message.deleted_at && message.kind !== "system" ? 1 : WHOLE);

/**
 * A stretch of a room's messages in order of seq, without holes and of bounded length. Never touches the page.
 *
 * Events: "rows" (detail {added, updated, removed}: arrays of messages), "window" (all of it was replaced).
 */
export class MessageWindow extends EventTarget {
  /** The seq that is being read, or Infinity while the newest is followed; the page sets it. */
  eye = Infinity;

  constructor() {
    super();
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

  get weight() {
    return this.messages.reduce((sum, message) => sum + weightOf(message), 0);
  }

  /** Whether another page would make it drop messages. */
  get isFull() {
    return this.weight + PAGE > LARGEST_WINDOW;
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

  /** Take a message, if it is newer than the copy held and belongs into the window. */
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

  /** Quotes follow what they quote: a text that was edited or deleted is not to be read on in them. */
  requote(quoted) {
    this.messages.forEach((held, index) => {
      if (held.reply_to?.id !== quoted.id) return;
      const line = excerpt(quoted);
      if (held.reply_to.excerpt === line) return;
      this.messages[index] = { ...held, reply_to: { ...held.reply_to, excerpt: line } };
      this.note("updated", this.messages[index]);
    });
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

  /** What grew too long loses the end that is farther from the eye. */
  trim() {
    let extra = this.weight - LARGEST_WINDOW;
    if (extra <= 0) return;
    const fromTop = this.eye - this.first >= this.newest - this.eye;
    let count = 0;
    for (; extra > 0; count += 1) extra -= weightOf(this.messages.at(fromTop ? count : -1 - count));
    const dropped = fromTop ? this.messages.splice(0, count) : this.messages.splice(-count);
    if (!fromTop) this.atEnd = false;
    for (const message of dropped) {
      if (!this.patch.added.delete(message.seq)) this.patch.removed.set(message.seq, message);
      this.patch.updated.delete(message.seq);
    }
  }
}

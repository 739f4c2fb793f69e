// PROTOCOL, client rule 3: an event that came too early waits for the ones before it, then the gap is asked for.
const FIRST_WAIT = 1000;
const RANDOM_WAIT = 2000;

export class Held {
  /** `ask(since)` is called when a gap has not closed by itself. */
  constructor(ask) {
    this.ask = ask;
    this.last = 0;
    this.events = new Map();
  }

  hold(event) {
    this.events.set(event.change, event);
    this.timer ??= setTimeout(() => this.overdue(), FIRST_WAIT + Math.random() * RANDOM_WAIT);
  }

  take(change) {
    const event = this.events.get(change);
    this.events.delete(change);
    return event;
  }

  /** All up to `last` has been applied. */
  settle(last) {
    this.last = last;
    for (const change of this.events.keys()) if (change <= last) this.events.delete(change);
    if (!this.events.size) this.clear();
  }

  overdue() {
    this.timer = null;
    if (!this.events.size) return;
    this.ask(this.last);
    this.timer = setTimeout(() => this.overdue(), FIRST_WAIT + Math.random() * RANDOM_WAIT);
  }

  clear() {
    clearTimeout(this.timer);
    this.timer = null;
    this.events.clear();
  }
}

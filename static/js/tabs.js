/**
 * The tabs of one person in this browser: one of them leads, one has the focus, and each tells what is on its screen.
 *
 * By locks, which end with their tab whatever happens to it. Without https there are none, and no notifications either.
 */
export class Tabs extends EventTarget {
  constructor(me) {
    super();
    this.name = `tab ${me.id}`;
    this.leads = !navigator.locks;
    this.seen = new Map();
    this.channel = new BroadcastChannel(`seen ${me.id}`);
    this.channel.onmessage = ({ data }) => this.note(data);
    if (!navigator.locks) return;
    navigator.locks.request(`notifier ${me.id}`, () => {
      this.leads = true;
      return new Promise(() => {});
    });
    for (const type of ["focus", "blur"]) addEventListener(type, () => this.holdFocus());
    document.addEventListener("visibilitychange", () => this.holdFocus());
    this.holdFocus();
  }

  /** Whether one is looking at this very tab. */
  get focused() {
    return document.visibilityState === "visible" && document.hasFocus();
  }

  /** Hold a lock while one is looking at this tab, so that the others know. */
  holdFocus() {
    if (!this.focused) {
      this.release?.();
      this.release = null;
    } else if (!this.release) {
      const looking = new Promise((resolve) => (this.release = resolve));
      navigator.locks.request(this.name, { mode: "shared" }, () => looking);
    }
  }

  /** Whether one is looking at any tab. */
  async anyFocused() {
    if (this.focused || !navigator.locks) return this.focused;
    const { held } = await navigator.locks.query();
    return held.some(({ name }) => name === this.name);
  }

  /** A message is on the screen of this tab. */
  tellSeen(room, seq) {
    if (this.hasSeen(room, seq)) return;
    this.note({ room, seq });
    this.channel.postMessage({ room, seq });
  }

  note({ room, seq }) {
    this.seen.set(room, Math.max(seq, this.seen.get(room) ?? 0));
  }

  hasSeen(room, seq) {
    return (this.seen.get(room) ?? 0) >= seq;
  }
}

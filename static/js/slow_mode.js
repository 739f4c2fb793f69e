import { el } from "./dom.js";
import { gettext } from "./i18n.js";
import { byId } from "./page.js";

/** In a slow room: how long until one's next message, or until the one that waits goes out by itself. */
export class SlowMode {
  constructor({ rooms, outbox }) {
    Object.assign(this, { rooms, outbox, line: byId("composer-wait"), until: new Map() });
    this.text = el("span", { role: "status" });
    this.count = el("b", { "aria-hidden": "true" });
    this.line.append(this.text, " ", this.count);
    outbox.addEventListener("sent", ({ detail: { room } }) => this.wait(room, this.rooms.get(room)?.slow_mode));
    outbox.addEventListener("held", ({ detail: { room, seconds } }) => this.wait(room, seconds));
    rooms.addEventListener("room", ({ detail }) => this.changed(detail));
  }

  open(id) {
    this.room = id;
    this.draw();
  }

  holds(id) {
    const room = this.rooms.get(id);
    return Boolean(room?.slow_mode && room.writable && !room.abilities?.includes("speak"));
  }

  wait(id, seconds) {
    if (!this.holds(id) || !seconds) return;
    this.until.set(id, Date.now() + seconds * 1000);
    this.draw();
  }

  /** What waited for nothing more than the time goes out as soon as there is no need to. */
  changed(id) {
    if (!this.until.has(id) || this.holds(id)) return;
    this.until.delete(id);
    this.outbox.pump(id);
    this.draw();
  }

  draw() {
    clearTimeout(this.timer);
    const left = Math.ceil(((this.until.get(this.room) ?? 0) - Date.now()) / 1000);
    this.line.hidden = left <= 0;
    if (left <= 0) return;
    const waits = this.outbox.in(this.room).some((item) => item.state === "sending");
    const text = waits ? gettext("Slow mode: your message goes out by itself.") : gettext("Slow mode: a moment until your next message.");
    if (this.text.textContent !== text) this.text.textContent = text;
    this.count.textContent = clock(left);
    this.timer = setTimeout(() => this.draw(), 1000);
  }
}

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

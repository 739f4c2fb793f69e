// PROTOCOL, client rule 7: a ping every 25 s with a random phase; 35 s of silence, or a tab that wakes, gets 5 s to answer.
const PING = 25_000;
const SILENCE = 35_000;
const ANSWER = 5_000;

export class Heartbeat {
  /** `ping()` sends one; `lost()` is called when nobody answers. */
  constructor({ ping, lost, ticker }) {
    Object.assign(this, { ping, lost });
    this.running = false;
    this.tickFrom(ticker);
    for (const type of ["pageshow", "focus", "online"]) addEventListener(type, () => this.doubt());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.doubt());
    document.addEventListener("resume", () => this.doubt());
  }

  tickFrom(url) {
    try {
      this.worker = new Worker(url);
      this.worker.onmessage = () => this.tick();
    } catch {
      setInterval(() => this.tick(), 5000);
    }
  }

  start() {
    this.running = true;
    this.heardAt = Date.now();
    this.nextPing = this.heardAt + Math.random() * PING;
    clearTimeout(this.deadline);
    this.deadline = null;
  }

  stop() {
    this.running = false;
    clearTimeout(this.deadline);
    this.deadline = null;
  }

  heard() {
    this.heardAt = Date.now();
    clearTimeout(this.deadline);
    this.deadline = null;
  }

  tick() {
    if (!this.running) return;
    if (Date.now() >= this.nextPing) {
      this.nextPing = Date.now() + PING;
      this.ping();
    }
    if (Date.now() - this.heardAt > SILENCE) this.doubt();
  }

  doubt() {
    if (!this.running || this.deadline) return;
    this.ping();
    this.deadline = setTimeout(() => this.running && this.lost(), ANSWER);
  }
}

import { api } from "./api.js";
import { newRef } from "./refs.js";

const WAIT = 25;

/** Long polling, for networks where no socket opens. Same interface as socket.js. */
export class PollTransport {
  /** `held({all})` tells what to resume from. */
  constructor(held) {
    this.held = held;
    this.tab = newRef();
    this.opened = false;
    this.sending = Promise.resolve();
    this.aborter = new AbortController();
  }

  async open() {
    try {
      const { rooms } = await api.rooms();
      const { epoch, events } = await this.sync(0);
      this.opened = true;
      this.onopen();
      this.onevents([{ type: "welcome", protocol: 1, epoch, rooms: rooms.filter((room) => room.role) }, ...events, { type: "pong", t: 1 }]);
      while (!this.finished) this.hear((await this.sync(WAIT)).events);
    } catch (error) {
      this.finish({ 401: 4401, 403: 4403 }[error.status] ?? 1006);
    }
  }

  hear(events) {
    if (!this.finished) this.onevents(events);
  }

  sync(wait) {
    const { epoch, rooms } = this.held({ all: true });
    const named = Object.entries(rooms).map(([id, change]) => `${id}:${change}`);
    return api.sync({ tab: this.tab, ...(epoch ? { epoch } : {}), rooms: named.join(","), wait }, this.aborter.signal);
  }

  /** One command after another, as on a socket. Greetings and pings are the polling itself. */
  send(command) {
    if (command.type === "hello") return;
    if (command.type === "ping") return void queueMicrotask(() => this.hear([{ type: "pong" }]));
    this.sending = this.sending.then(() => this.post(command));
  }

  async post(command) {
    try {
      this.hear((await api.command(command)).events);
    } catch (error) {
      const { code, detail, retryAfter } = error;
      if (code === "unreachable") return this.finish(1006);
      this.hear([{ type: "error", ref: command.ref, code, detail, retry_after: retryAfter }]);
    }
  }

  close() {
    this.aborter.abort();
    this.finish(1006);
  }

  finish(code) {
    if (this.finished) return;
    this.finished = true;
    this.aborter.abort();
    this.onclose({ code, opened: this.opened });
  }
}

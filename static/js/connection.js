import { newRef } from "./refs.js";
import { Heartbeat } from "./heartbeat.js";
import { PollTransport } from "./poll.js";
import { SocketTransport } from "./socket.js";

const LONGEST_DELAY = 30_000;
const RESTART = 15_000;
const SETTLED = 10_000;
const SOCKET_FIRST = 2_000;
const SOCKET_AGAIN = 180_000;
const FINAL = { 4400: "protocol", 4401: "unauthenticated", 4403: "banned" };
const READY = 1;

export class CommandError extends Error {
  constructor({ code, detail = "", retry_after: retryAfter = 0 }) {
    super(detail || code);
    Object.assign(this, { code, detail, retryAfter });
  }
}

/**
 * The line to the server, whatever carries it. Events: "status"; "event" (detail: one server event); "ready" (greeted,
 * and every room synced so far as one answer goes); "ended" (detail: {reason, detail}: coming back is no use).
 */
export class Connection extends EventTarget {
  /** `held()` tells what to resume from: `{epoch, rooms: {ID: change}}`. */
  constructor({ held, ticker }) {
    super();
    this.held = held;
    this.status = "connecting";
    this.attempts = 0;
    this.failedOpens = 0;
    this.firstSpread = 0.5;
    this.returnAt = 0;
    this.waiting = new Map();
    this.heartbeat = new Heartbeat({ ticker, ping: () => this.send({ type: "ping" }), lost: () => this.transport?.close() });
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.transport?.close());
    addEventListener("pageshow", ({ persisted }) => persisted && this.hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
  }

  get live() {
    return this.status === "live";
  }

  start() {
    clearTimeout(this.retry);
    this.retry = null;
    this.use(this.chooseTransport());
    this.transport.open();
  }

  chooseTransport() {
    if (this.failedOpens >= 2 && this.failedOpens % 2 === 0) return new PollTransport(this.held);
    return new SocketTransport();
  }

  use(transport) {
    transport.onopen = () => this.greet();
    transport.onevents = (events) => this.receive(events);
    transport.onclose = (how) => transport === this.transport && this.closed(how);
    this.transport = transport;
  }

  /** While polling, see whether a socket opens by now: the server may just have been away. */
  trySocketLater(wait) {
    const polling = this.transport;
    setTimeout(() => {
      if (polling !== this.transport) return;
      const socket = new SocketTransport();
      socket.onopen = () => polling === this.transport && this.replacePolling(polling, socket);
      socket.onclose = () => polling === this.transport && this.trySocketLater(Math.min(wait * 3, SOCKET_AGAIN));
      socket.open();
    }, wait);
  }

  replacePolling(polling, socket) {
    this.use(socket);
    polling.close();
    this.rejectWaiting();
    this.greet();
  }

  greet() {
    this.heartbeat.start();
    this.send({ type: "hello", protocol: 1, ...this.held() });
    // Commands are carried out in order: this pong comes after every room.synced that hello asked for.
    this.send({ type: "ping", t: READY });
  }

  receive(events) {
    this.heartbeat.heard();
    for (const event of events) this.take(event);
  }

  take(event) {
    if (event.type === "welcome") this.welcomed(event);
    if (event.type === "ack" || event.type === "error") this.settle(event);
    if (event.type === "drain") this.drain(event);
    this.dispatchEvent(new CustomEvent("event", { detail: event }));
    if (event.type === "pong" && event.t === READY) this.dispatchEvent(new Event("ready"));
  }

  welcomed({ reconnect }) {
    this.firstSpread = reconnect || 0.5;
    this.failedOpens = 0;
    const transport = this.transport;
    setTimeout(() => transport === this.transport && this.live && (this.attempts = 0), SETTLED);
    if (transport instanceof PollTransport) this.trySocketLater(SOCKET_FIRST);
    this.become("live");
  }

  drain({ after }) {
    this.become("restarting");
    this.attempts = 0;
    this.returnAt = Date.now() + (after ?? 0) * 1000;
    const transport = this.transport;
    this.drained = transport;
    setTimeout(() => transport === this.transport && transport.close(), (after ?? 0) * 1000);
  }

  settle(event) {
    const promise = this.waiting.get(event.ref);
    this.waiting.delete(event.ref);
    if (event.type === "error") this.refusal = event;
    if (!promise) return;
    if (event.type === "ack") promise.resolve(event);
    else promise.reject(new CommandError(event));
  }

  closed({ code, opened }) {
    this.heartbeat.stop();
    this.transport = null;
    if (!opened) this.failedOpens += 1;
    this.rejectWaiting();
    if (FINAL[code]) return this.end(FINAL[code]);
    const hopeless = this.attempts > 0 || navigator.onLine === false;
    const restarting = this.status === "restarting" && Date.now() < this.returnAt + RESTART;
    if (!restarting) this.become(hopeless ? "offline" : "connecting");
    this.retry = setTimeout(() => this.start(), this.delay());
    this.attempts += 1;
  }

  rejectWaiting() {
    for (const promise of this.waiting.values()) promise.reject(new CommandError({ code: "disconnected" }));
    this.waiting.clear();
  }

  /** After a drain: when the server has said, so that not everyone is back at once. */
  delay() {
    const told = this.returnAt - Date.now();
    if (told > 0) return told;
    const most = this.attempts === 0 ? this.firstSpread * 1000 : Math.min(LONGEST_DELAY, 500 * 2 ** this.attempts);
    return Math.random() * most;
  }

  end(reason) {
    this.become("offline");
    this.dispatchEvent(new CustomEvent("ended", { detail: { reason, detail: this.refusal?.detail ?? "" } }));
  }

  hurry() {
    if (!this.retry) return;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.start(), Math.max(this.returnAt - Date.now(), Math.random() * 500));
  }

  become(status) {
    if (this.status === status) return;
    this.status = status;
    this.dispatchEvent(new Event("status"));
  }

  send(command) {
    this.transport?.send(command);
  }

  /** Send a command that is answered. Resolves with its `ack`; rejects with a CommandError, "disconnected" among its codes. */
  command(command) {
    const isHeard = this.live || (this.transport && this.transport === this.drained);
    if (!isHeard) return Promise.reject(new CommandError({ code: "disconnected" }));
    const ref = command.ref ?? newRef();
    return new Promise((resolve, reject) => {
      this.waiting.set(ref, { resolve, reject });
      this.send({ ...command, ref });
    });
  }
}

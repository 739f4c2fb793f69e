import { ApiError } from "./api.js";
import { gettext } from "./i18n.js";
import { newRef } from "./refs.js";
import { openStore } from "./outbox_store.js";
import { fetched } from "./page.js";

const AGAIN = 2000;
const LATEST = 2 ** 31 - 1;
const LONGEST = 60_000;
const TELL = 250;
const TRANSIENT = new Set(["unavailable", "rate_limited", "disconnected", "unreachable"]);

/**
 * What was sent and is not acknowledged yet, in order, shared by all tabs (PROTOCOL, client rule 6).
 *
 * An item: {ref, user, room, body, action?, files?, reply_to, reply, order, created_at, state: "sending" | "sent" | "failed",
 * error?, change?}; its files are kept and uploaded by `outbox_files.js`, before it is sent.
 * Events: "changed" (detail: the room's id); "sent" (detail: {room, ref, change}); "held" (detail: {room, seconds}: too fast);
 * "progress" (detail: {ref, share}: how much of a message's files is up, from 0 to 1).
 */
export class Outbox extends EventTarget {
  constructor({ me, connection }) {
    super();
    Object.assign(this, { me, connection });
    this.items = [];
    this.lastOrder = 0;
    this.pumping = new Map();
    this.progress = new Map();
    this.tries = 0;
    this.channel = new BroadcastChannel("outbox");
    this.channel.onmessage = ({ data }) => this.heard(data);
    this.ready = this.load();
    connection.addEventListener("ready", () => this.pumpAll());
    setInterval(() => this.adopt(), 15_000);
  }

  async load() {
    this.store = await openStore();
    const kept = await this.store.all(this.me.id);
    for (const item of kept) this.noteOrder(item);
    const known = new Set(this.items.map((item) => item.ref));
    this.items = [...kept.filter((item) => !known.has(item.ref)), ...this.items];
    for (const room of new Set(kept.map((item) => item.room))) this.changed(room);
    if (this.connection.live) this.pumpAll();
  }

  in(room) {
    return this.items.filter((item) => item.room === room);
  }

  has(ref) {
    return this.items.some((item) => item.ref === ref);
  }

  get waiting() {
    return this.items.filter((item) => item.state === "sending").length;
  }

  changed(room) {
    this.dispatchEvent(new CustomEvent("changed", { detail: room }));
  }

  tellTabs(kind, fields) {
    this.channel.postMessage({ kind, user: this.me.id, ...fields });
  }

  /** Take a message for sending. Returns its item at once; it is on disk a moment later. `files` are known to `parts()`. */
  add({ room, body, action = false, files = [], reply = null }) {
    const item = {
      ref: newRef(), user: this.me.id, room, body, action, ...(files.length ? { files } : {}), reply, reply_to: reply?.id ?? null,
      order: this.nextOrder(), created_at: new Date().toISOString(), state: "sending",
    };
    this.items.push(item);
    this.changed(room);
    this.keep(item).then(() => this.pump(room));
    return item;
  }

  /** Microseconds, about: above all that this tab has given out or heard of, however fast one writes or the clock jumps. */
  nextOrder() {
    this.lastOrder = Math.max(this.lastOrder + 1, Date.now() * 1000);
    return this.lastOrder;
  }

  noteOrder({ order }) {
    this.lastOrder = Math.max(this.lastOrder, order);
  }

  /** What takes long to keep, files above all, is not overtaken by what was written after it. */
  keep(item) {
    const kept = (this.keeping ?? this.ready).then(() => this.write(item));
    if (item.files) this.keeping = kept;
    return kept;
  }

  async write(item) {
    try {
      if (item.files) await (await this.parts()).keep(item);
      if (!this.has(item.ref)) return;
      await this.store.put(item);
      item.isKept = true;
      this.tellTabs("kept", { item });
    } catch (error) {
      // A full disk must not lose what was typed: it stays on the page, with "try again".
      Object.assign(item, { state: "failed", error: error.detail || gettext("This browser could not keep the message.") });
      this.changed(item.room);
    }
  }

  retry(ref) {
    const item = this.items.find((one) => one.ref === ref);
    Object.assign(item, { state: "sending", error: null });
    this.changed(item.room);
    this.keep(item).then(() => this.pump(item.room));
  }

  async discard(ref) {
    const item = this.items.find((one) => one.ref === ref);
    if (!item) return;
    this.forget(ref);
    await this.store.delete(ref);
    this.tellTabs("gone", { ref });
    if (item.files) await (await this.parts()).discard(item);
  }

  forget(ref) {
    const item = this.items.find((one) => one.ref === ref);
    if (!item) return;
    this.items = this.items.filter((one) => one !== item);
    this.changed(item.room);
  }

  /** The message is in the room's story up to `change`, or under `ref`: what stood for it may go. */
  arrived(room, { ref = null, upto = 0 }) {
    for (const item of this.in(room)) {
      if ((ref && item.ref === ref) || (item.state === "sent" && item.change <= upto)) this.forget(item.ref);
    }
  }

  pumpAll() {
    for (const room of new Set(this.items.map((item) => item.room))) this.pump(room);
  }

  /** Send what waits in `room`, one after another. Only one tab at a time does, whatever the number of tabs. */
  async pump(room) {
    await this.ready;
    if (this.pumping.has(room)) return void this.pumping.set(room, "again");
    this.pumping.set(room, "now");
    try {
      while (this.connection.live && (await this.locked(room, () => this.sendNext(room))));
    } finally {
      const again = this.pumping.get(room) === "again";
      this.pumping.delete(room);
      if (again) this.pump(room);
    }
  }

  locked(room, work) {
    // Without https there are no locks; two tabs may then both send, and the ref makes the second harmless.
    if (!navigator.locks) return work();
    return navigator.locks.request(`outbox ${this.me.id} ${room}`, work);
  }

  async next(room) {
    const items = await this.store.all(this.me.id);
    return items.find((item) => item.room === room && item.state === "sending") ?? null;
  }

  /** Send the oldest waiting item of `room`. Answers whether there may be another to send now. */
  async sendNext(room) {
    const item = this.connection.live ? await this.next(room) : null;
    if (!item) return false;
    const { ref, body, action, files, reply_to } = item;
    try {
      const attachments = files ? { attachments: await (await this.parts()).send(item) } : {};
      const extra = { ...attachments, ...(action ? { action } : {}), ...(reply_to ? { reply_to } : {}) };
      const ack = await this.connection.command({ type: "message.send", ref, room, body, ...extra });
      this.tries = 0;
      await this.acknowledged(item, ack);
      return true;
    } catch (error) {
      return this.refused(item, error);
    }
  }

  async acknowledged(item, { change }) {
    const { ref, room } = item;
    await this.store.delete(ref);
    if (item.files) await (await this.parts()).release(item);
    this.sent(ref, change);
    this.tellTabs("sent", { ref, change });
    this.dispatchEvent(new CustomEvent("sent", { detail: { room, ref, change } }));
  }

  sent(ref, change) {
    const item = this.items.find((one) => one.ref === ref);
    if (!item) return;
    Object.assign(item, { state: "sent", change });
    this.changed(item.room);
  }

  async refused(item, error) {
    if (!error.code) throw error;
    if (item.files && !(await this.store.get(item.ref))) return true;
    if (TRANSIENT.has(error.code)) {
      if (error.code !== "disconnected") this.holdBack(item, error);
      return false;
    }
    if (item.files && !(error instanceof ApiError) && (await (await this.parts()).startOver(item))) return true;
    await this.fail(item, error.code, error.detail || error.code);
    return true;
  }

  /** What waits for a moderator, as far as is known here. */
  get held() {
    return this.items.filter((item) => item.code === "held" && item.state === "failed");
  }

  /** A moderator did not let through what was held: it says so where it stands. */
  async turnedDown(ref, detail) {
    await this.ready;
    const item = this.items.find((one) => one.ref === ref);
    if (item) await this.fail(item, "turned_down", detail);
  }

  /** A moderator let through what was held: it is in its room. */
  async letThrough(ref) {
    const item = this.items.find((one) => one.ref === ref);
    if (item) await this.acknowledged(item, { change: 0 });
  }

  async fail(item, code, error) {
    const failed = { ...item, state: "failed", error, code };
    await this.store.put(failed);
    this.replace(failed);
    this.tellTabs("kept", { item: failed });
  }

  /** What is large is not sent again and again. */
  holdBack({ room, files }, { code, retryAfter }) {
    const pause = files ? Math.min(LONGEST, AGAIN * 2 ** this.tries++) : AGAIN;
    setTimeout(() => this.pump(room), Math.min((retryAfter || 0) * 1000, LATEST) || pause);
    if (code === "rate_limited") this.dispatchEvent(new CustomEvent("held", { detail: { room, seconds: retryAfter } }));
  }

  replace(item) {
    const index = this.items.findIndex((one) => one.ref === item.ref);
    if (index < 0) this.items.push(item);
    else this.items[index] = item;
    this.changed(item.room);
  }

  heard({ kind, user, item, ref, change, share }) {
    if (user !== this.me.id) return;
    if (kind === "progress") this.tellProgress(ref, share);
    if (kind === "gone" && this.has(ref)) this.stopFiles(ref);
    if (kind === "kept") {
      this.noteOrder(item);
      this.replace(item);
    }
    if (kind === "gone") this.forget(ref);
    if (kind === "sent") {
      this.sent(ref, change);
      this.dispatchEvent(new CustomEvent("sent", { detail: { room: this.items.find((one) => one.ref === ref)?.room, ref, change } }));
    }
  }

  /** Send what a closed tab left, and let go of what another tab has sent while this one could not listen. */
  async adopt() {
    if (!this.connection.live || !this.waiting) return;
    await this.ready;
    const stored = new Set((await this.store.all(this.me.id)).map((item) => item.ref));
    for (const item of [...this.items]) if (item.isKept && item.state === "sending" && !stored.has(item.ref)) this.forget(item.ref);
    this.pumpAll();
  }

  // Files, which not every message has: what deals with them is fetched when the first is there.

  /** The OutboxFiles. Rejects with an ApiError where it cannot be fetched now. */
  parts() {
    this.partsComing ??= this.fetchParts();
    return this.partsComing;
  }

  async fetchParts() {
    try {
      const { OutboxFiles } = await fetched("outbox_files", () => import("./outbox_files.js"));
      const parts = new OutboxFiles({ user: this.me.id });
      parts.addEventListener("progress", ({ detail }) => this.progressed(parts, detail));
      this.ready.then(() => parts.sweep((ref) => this.has(ref)));
      return parts;
    } catch (error) {
      this.partsComing = null;
      throw new ApiError("unreachable", "", { cause: error });
    }
  }

  async preview(ref) {
    return (await this.parts()).preview(ref);
  }

  progressed(parts, file) {
    const item = this.items.find(({ files }) => files?.some(({ ref }) => ref === file));
    if (!item) return;
    const share = parts.share(item);
    this.tellProgress(item.ref, share);
    if (Date.now() - (this.toldAt ?? 0) < TELL) return;
    this.toldAt = Date.now();
    this.tellTabs("progress", { ref: item.ref, share });
  }

  tellProgress(ref, share) {
    this.progress.set(ref, share);
    this.dispatchEvent(new CustomEvent("progress", { detail: { ref, share } }));
  }

  /** Another tab gave the message up while its files were on their way from here. */
  async stopFiles(ref) {
    const item = this.items.find((one) => one.ref === ref);
    if (item.files && this.partsComing) for (const file of item.files) (await this.partsComing).cancel(file.ref);
  }
}

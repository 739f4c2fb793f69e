import { api } from "./api.js";
import { el } from "./dom.js";
import { newRef } from "./refs.js";
import { previews } from "./previews.js";
import { gettext, interpolate, ngettext } from "./i18n.js";
import { Allowance } from "./allowance.js";
import { kindOf, measured } from "./file_kinds.js";
import { trayItem } from "./tray_item.js";

const AGAIN = new Set(["unreachable", "unavailable"]);

/**
 * The files that will go with the next message, for each room: shown and uploaded as soon as they are chosen.
 *
 * An entry: {ref, name, type, size, kind, width, height, blob, state: "uploading" | "waiting" | "up" | "failed", error}.
 */
export class Tray {
  /** `parts` are the outbox's; `changed()` when files come or go, `refused(words)` when one is not taken. */
  constructor({ element, parts, connection, changed, refused }) {
    Object.assign(this, { element, parts, changed, refused });
    this.rooms = new Map();
    this.views = new Map();
    this.allowance = new Allowance();
    this.status = el("p", { class: "unseen", role: "status" });
    element.after(this.status);
    parts.addEventListener("progress", ({ detail }) => this.views.get(detail)?.progress(parts.uploader.share(detail)));
    connection.addEventListener("ready", () => this.goOn());
    element.addEventListener("keydown", (event) => this.key(event));
  }

  open(room) {
    this.room = room;
    this.draw();
  }

  get entries() {
    return this.rooms.get(this.room) ?? [];
  }

  get count() {
    return this.entries.length;
  }

  get against() {
    return this.entries.some(({ state }) => state === "failed") ? gettext("Remove what could not be uploaded, or try it again.") : "";
  }

  /** Take files that were chosen for `room`, as far as the limits allow. */
  add(room, files) {
    this.allowance.load();
    const held = this.rooms.get(room) ?? [];
    this.rooms.set(room, held);
    const words = [];
    for (const file of files) {
      const reason = this.allowance.against(file, held);
      if (reason) words.push(reason);
      else held.push(this.entry(file));
    }
    this.tell(room);
    if (words.length) this.refused([...new Set(words)].join(" "));
  }

  entry(file) {
    const entry = { ref: newRef(), name: file.name || gettext("Pasted file"), type: file.type, size: file.size, kind: kindOf(file), blob: file, state: "uploading", error: "" };
    this.upload(entry);
    if (entry.kind === "image") this.measure(entry);
    return entry;
  }

  async measure(entry) {
    previews.put(entry.ref, entry.blob);
    Object.assign(entry, await measured(entry.blob));
    this.show(entry);
  }

  async upload(entry) {
    this.set(entry, { state: "uploading", error: "" });
    try {
      await this.parts.upload(entry, entry.blob);
      this.set(entry, { state: "up" });
    } catch (error) {
      if (!error.code) throw error;
      if (error.code !== "cancelled") this.failed(entry, error);
    }
  }

  failed(entry, { code, detail, retryAfter }) {
    if (code === "rate_limited") {
      setTimeout(() => entry.state === "waiting" && this.upload(entry), Math.max(1, retryAfter) * 1000);
      return this.set(entry, { state: "waiting", error: detail });
    }
    if (AGAIN.has(code)) return this.set(entry, { state: "waiting", error: detail || gettext("No connection: it goes on when it is back.") });
    const words = code === "unreadable" ? gettext("This file can no longer be read.") : detail || gettext("That did not work.");
    this.set(entry, { state: "failed", error: words });
  }

  set(entry, fields) {
    Object.assign(entry, fields);
    this.show(entry);
  }

  /** The line is back. */
  goOn() {
    for (const entry of [...this.rooms.values()].flat()) if (entry.state === "waiting") this.upload(entry);
  }

  remove(entry) {
    const index = this.entries.indexOf(entry);
    this.rooms.set(this.room, this.entries.filter((one) => one !== entry));
    this.parts.cancel(entry.ref);
    this.parts.known(entry.ref).then((attachment) => attachment && api.takeBackUpload(attachment.id)).catch(() => {});
    previews.drop(entry.ref);
    this.tell(this.room);
    const next = this.element.querySelectorAll(".tray-item [data-remove]")[Math.min(index, this.count - 1)];
    (next ?? document.getElementById("message-text")).focus({ preventScroll: true });
  }

  /** Give up the files of this room to a message. */
  take() {
    const files = this.entries.map(({ state, error, blob, ...file }) => {
      this.parts.blobs.set(file.ref, blob);
      return file;
    });
    this.rooms.delete(this.room);
    this.tell(this.room);
    return files;
  }

  // Showing.

  tell(room) {
    if (room !== this.room) return;
    this.draw();
    this.status.textContent = this.count ? this.element.getAttribute("aria-label") : "";
    this.changed();
  }

  draw() {
    const { entries } = this;
    this.views = new Map(entries.map((entry) => [entry.ref, this.views.get(entry.ref) ?? this.view(entry)]));
    this.element.replaceChildren(...[...this.views.values()].map(({ element }) => element));
    this.element.hidden = !entries.length;
    this.element.setAttribute("aria-label", interpolate(ngettext("%s attached file", "%s attached files", entries.length), [entries.length]));
  }

  view(entry) {
    const view = trayItem(entry, { remove: () => this.remove(entry), retry: () => this.upload(entry) });
    view.show();
    view.progress(this.parts.uploader.share(entry.ref));
    return view;
  }

  show(entry) {
    this.views.get(entry.ref)?.show();
  }

  key(event) {
    const item = event.target.closest(".tray-item");
    if (!item || !["Delete", "Backspace"].includes(event.key)) return;
    event.preventDefault();
    item.querySelector("[data-remove]").click();
  }
}

import { api, ApiError } from "./api.js";
import { FileStore } from "./file_store.js";
import { gettext } from "./i18n.js";
import { postFile } from "./post_file.js";
import { previews } from "./previews.js";
import { Uploader } from "./uploader.js";

const STALE = 60 * 60 * 1000;

/**
 * The files of messages that wait: uploaded at once where there is a line, and kept in this browser, so that they go up
 * later where there is none. A file: {ref, name, type, size, kind, width, height}.
 *
 * Event: "progress" (detail: the ref of a file that is further now).
 */
export class OutboxFiles extends EventTarget {
  constructor({ user, store = new FileStore(), post = postFile }) {
    super();
    Object.assign(this, { user, store, post });
    this.blobs = new Map();
    this.done = new Map();
    this.uploader = new Uploader({ known: (ref) => this.known(ref), post: (file, options) => this.postAndNote(file, options) });
    this.uploader.addEventListener("progress", ({ detail: { ref } }) => this.dispatchEvent(new CustomEvent("progress", { detail: ref })));
  }

  // Uploading.

  /** The ATTACHMENT that a file has become, here or in another tab; null if it has not. */
  async known(ref) {
    return this.done.get(ref) ?? (await this.stored(ref))?.attachment ?? null;
  }

  stored(ref) {
    return this.store.get(ref).catch(() => null);
  }

  /** Noted before the lock is given up, so that no other tab sends it again. */
  async postAndNote(file, options) {
    const attachment = { ...(await this.post(file, options)), uploaded_at: Date.now() };
    await this.store.note(options.ref, attachment).catch(() => {});
    return attachment;
  }

  /** Upload a file that this page has. Resolves with its ATTACHMENT. */
  async upload(file, blob) {
    this.blobs.set(file.ref, blob);
    return this.finish(file, await this.uploader.upload(file, blob));
  }

  finish({ ref }, attachment) {
    this.done.set(ref, attachment);
    previews.alias(ref, attachment.id);
    return attachment;
  }

  /** See that all files of `item` are up. Resolves with their ids; rejects with the first ApiError. */
  async send(item) {
    const attachments = await Promise.all(item.files.map((file) => this.sendOne(file)));
    return attachments.map(({ id }) => id);
  }

  async sendOne(file) {
    const known = await this.known(file.ref);
    if (known) return this.finish(file, known);
    const blob = await this.blob(file.ref);
    if (!blob) throw namedError(file, new ApiError("gone", gettext("This file is not in this browser any more.")));
    try {
      return await this.upload(file, blob);
    } catch (error) {
      throw namedError(file, error);
    }
  }

  /** How much of a message's files is up, from 0 to 1. */
  share({ files }) {
    const total = files.reduce((sum, { size }) => sum + size, 0);
    const up = files.reduce((sum, { ref, size }) => sum + size * (this.done.has(ref) ? 1 : this.uploader.share(ref)), 0);
    return total ? up / total : 0;
  }

  /** The site forgets what is attached to nothing for long. Answers whether it is worth uploading again. */
  async startOver({ files }) {
    const all = await Promise.all(files.map(({ ref }) => this.known(ref)));
    const old = files.filter((_, index) => all[index] && Date.now() - all[index].uploaded_at > STALE);
    for (const { ref } of old) {
      this.done.delete(ref);
      await this.store.note(ref, null).catch(() => {});
    }
    return old.length > 0;
  }

  // Keeping.

  /** Keep the files of `item` in this browser. Where it has no room for them, wait until they are up instead. */
  async keep(item) {
    for (const file of item.files) await this.keepOne(item, file);
  }

  async keepOne(item, file) {
    const blob = await this.blob(file.ref);
    const { ref, name, type } = file;
    const attachment = this.done.get(ref) ?? null;
    try {
      await this.store.put({ ref, user: this.user, message: item.ref, name, type, kept_at: Date.now(), blob, attachment });
      // It may have come up while it was being written.
      if (!attachment && this.done.has(ref)) await this.store.note(ref, this.done.get(ref));
    } catch {
      if (!attachment) await this.upload(file, blob);
    }
  }

  async blob(ref) {
    return this.blobs.get(ref) ?? (await this.stored(ref))?.blob ?? null;
  }

  /** A URL by which the page can show a file of its own; null if it is not here. */
  async preview(ref) {
    const blob = previews.get(ref) ? null : await this.blob(ref);
    return blob ? previews.put(ref, blob) : (previews.get(ref) ?? null);
  }

  /** The message has arrived, or was given up: nothing of its files is needed here. */
  async release({ files }) {
    for (const { ref } of files) {
      this.blobs.delete(ref);
      this.done.delete(ref);
      await this.store.delete(ref).catch(() => {});
    }
  }

  /** Give up what is on its way or up already. */
  async discard(item) {
    for (const { ref } of item.files) {
      this.cancel(ref);
      const attachment = await this.known(ref);
      if (attachment) api.takeBackUpload(attachment.id).catch(() => {});
    }
    await this.release(item);
    for (const { ref } of item.files) previews.drop(ref);
  }

  cancel(ref) {
    this.uploader.cancel(ref);
  }

  /** What was left by a page that died between keeping a file and keeping its message; `waits(ref)` knows messages. */
  async sweep(waits) {
    const records = await this.store.all(this.user).catch(() => []);
    for (const { ref, message, kept_at: at } of records) {
      if (!waits(message) && Date.now() - at > STALE) await this.store.delete(ref).catch(() => {});
    }
  }
}

function namedError({ name }, error) {
  if (!error.code) return error;
  const detail = error.detail || (error.code === "unreadable" ? gettext("This file can no longer be read.") : "");
  return new ApiError(error.code, detail && `${name}: ${detail}`, error);
}

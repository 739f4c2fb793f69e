import { ApiError } from "./api.js";
import { postFile } from "./post_file.js";

const AT_ONCE = 2;

/**
 * Files on their way to the site, two at once, each under its ref. Never touches the page.
 *
 * Event: "progress" (detail: {ref, share}: 0 to 1).
 */
export class Uploader extends EventTarget {
  /** `known(ref)` answers with the ATTACHMENT of what another tab has uploaded meanwhile, or with nothing. */
  constructor({ known = () => null, post = postFile } = {}) {
    super();
    Object.assign(this, { known, post });
    this.jobs = new Map();
    this.active = 0;
    this.waiting = [];
  }

  share(ref) {
    return this.jobs.get(ref)?.share ?? 0;
  }

  /** Upload `file`, or join its upload that is under way. Resolves with the ATTACHMENT, rejects with an ApiError. */
  upload({ ref, name }, file) {
    const under = this.jobs.get(ref);
    if (under) return under.done;
    const job = { ref, name, file, share: 0, stop: new AbortController() };
    this.jobs.set(ref, job);
    job.done = this.run(job).finally(() => this.jobs.delete(ref));
    return job.done;
  }

  cancel(ref) {
    this.jobs.get(ref)?.stop.abort();
  }

  async run(job) {
    await this.turn(job);
    try {
      return await this.locked(job, async () => (await this.known(job.ref)) ?? (await this.send(job)));
    } finally {
      this.active -= 1;
      this.waiting.shift()?.();
    }
  }

  async turn({ stop: { signal } }) {
    while (this.active >= AT_ONCE) await new Promise((resolve) => this.waiting.push(resolve));
    this.active += 1;
    if (!signal.aborted) return;
    this.active -= 1;
    this.waiting.shift()?.();
    throw new ApiError("cancelled");
  }

  /** One tab alone sends a file; the others then find it there. Without https the ref alone makes a repeat harmless. */
  async locked({ ref, stop: { signal } }, work) {
    if (!navigator.locks) return work();
    try {
      return await navigator.locks.request(`upload ${ref}`, { signal }, work);
    } catch (error) {
      throw error === signal.reason ? new ApiError("cancelled") : error;
    }
  }

  send(job) {
    const { ref, name, file, stop } = job;
    const progress = (share) => {
      job.share = share;
      this.dispatchEvent(new CustomEvent("progress", { detail: { ref, share } }));
    };
    return this.post(file, { ref, name, signal: stop.signal, progress });
  }
}

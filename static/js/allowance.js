import { api } from "./api.js";
import { gettext, interpolate } from "./i18n.js";
import { keep, recall } from "./storage.js";

const FRESH = 60_000;
const PATIENCE = 2000;
const KEY = "upload limits";
const megabytes = (bytes) => Number((bytes / 1024 ** 2).toPrecision(6));

/** What one may upload, as the site has said; where there is no line, as it said last. */
export class Allowance {
  limits = JSON.parse(recall(KEY) ?? "null");
  loadedAt = 0;

  /** Ask anew if it is a while ago; what the site does not say soon is not waited for. */
  async load() {
    if (Date.now() - this.loadedAt < FRESH) return;
    const asked = api.uploadLimits().then((limits) => this.told(limits)).catch(() => {});
    await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  }

  told(limits) {
    this.limits = limits;
    this.loadedAt = Date.now();
    keep(KEY, JSON.stringify(limits));
  }

  /** Why `file` cannot be attached besides those in `held`, as a sentence; "" if it can. The site has the last word. */
  against(file, held) {
    const { max_bytes: largest, quota_bytes: quota, used_bytes: used, per_message: most } = this.limits ?? {};
    const about = (sentence) => `${file.name}: ${sentence}`;
    if (held.length >= (most ?? 10)) return interpolate(gettext("A message takes at most %s files."), [most ?? 10]);
    if (file.isFolder) return about(gettext("This is a folder. Attach the files in it."));
    if (!file.size) return about(gettext("This file is empty."));
    if (largest && file.size > largest) return about(interpolate(gettext("A file has at most %(limit)s MB."), { limit: megabytes(largest) }));
    const waiting = held.reduce((sum, one) => sum + (one.state === "up" ? 0 : one.size), 0);
    if (quota && used + waiting + file.size > quota) return about(interpolate(gettext("Your files may have %(limit)s MB together. Delete some first."), { limit: megabytes(quota) }));
    return "";
  }
}

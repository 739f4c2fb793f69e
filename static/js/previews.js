const MOST = 60;

/**
 * Files that this page has itself, as object URLs: by the ref of an upload, and by the attachment's id once it has one.
 * What was sent from here is so shown at once, and stays the same picture when its message arrives.
 */
class Previews {
  urls = new Map();

  get(key) {
    return this.urls.get(key);
  }

  /** Show `blob` for `key`; the oldest are let go, so that an evening of photographs does not fill the memory. */
  put(key, blob) {
    if (!this.urls.has(key)) this.urls.set(key, URL.createObjectURL(blob));
    for (const [old, url] of this.urls) {
      if (this.urls.size <= MOST) break;
      this.urls.delete(old);
      if (![...this.urls.values()].includes(url)) URL.revokeObjectURL(url);
    }
    return this.urls.get(key);
  }

  /** Know what `key` stands for by `other` too. */
  alias(key, other) {
    if (this.urls.has(key)) this.urls.set(other, this.urls.get(key));
  }

  drop(key) {
    const url = this.urls.get(key);
    this.urls.delete(key);
    if (url && ![...this.urls.values()].includes(url)) URL.revokeObjectURL(url);
  }
}

export const previews = new Previews();

const CLOSE = 12;

/**
 * Holds still what is being read while things come and go around it, and follows the newest at the end.
 * The scroller is a reversed column: its scrollTop is 0 at the end and negative above.
 */
export class ScrollKeeper {
  /** `articles()` answers with the messages in the page, in order; `moved()` is called when the view has moved. */
  constructor(scroller, list, { articles, moved }) {
    Object.assign(this, { scroller, list, articles, moved });
    this.following = true;
    // Whether the newest message is drawn: only then is the lower end of the list an end to follow.
    this.atEnd = false;
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    const observer = new ResizeObserver(() => this.resized());
    observer.observe(scroller);
    observer.observe(list);
  }

  /** What is put away has no height: where the view was is kept until it is back. */
  get isShown() {
    return this.scroller.clientHeight > 0;
  }

  get fromEnd() {
    return Math.max(0, -this.scroller.scrollTop);
  }

  get fromStart() {
    return this.scroller.scrollHeight - this.scroller.clientHeight - this.fromEnd;
  }

  scrolled() {
    this.remember();
    this.moved();
  }

  /** The index of the first message that reaches below `y`. */
  firstBelow(articles, y) {
    let low = 0;
    let high = articles.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (articles[middle].getBoundingClientRect().bottom <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  get top() {
    return this.scroller.getBoundingClientRect().top;
  }

  /** The message under the eye: the first that shows more than its lower edge. */
  get anchor() {
    const articles = this.articles();
    return articles[Math.min(this.firstBelow(articles, this.top + 8), articles.length - 1)] ?? null;
  }

  /** The last message that shows, a glimpse not counted. */
  get lowest() {
    const articles = this.articles();
    const bottom = this.scroller.getBoundingClientRect().bottom;
    const index = Math.min(this.firstBelow(articles, bottom), articles.length - 1);
    const shown = articles[index]?.getBoundingClientRect();
    return shown && shown.top > bottom - Math.min(shown.height, 40) ? (articles[index - 1] ?? null) : (articles[index] ?? null);
  }

  /** Note where the view is; asked of the page and not of the last scroll event, which may be still to come. */
  remember() {
    if (!this.isShown) return;
    this.following = this.atEnd && this.fromEnd < CLOSE;
    const anchor = this.following ? null : this.anchor;
    this.held = anchor && { id: anchor.id, offset: anchor.getBoundingClientRect().top - this.top };
  }

  hold() {
    if (!this.isShown) return;
    if (this.following) return void (this.scroller.scrollTop = 0);
    const anchor = this.held && document.getElementById(this.held.id);
    if (!anchor) return;
    const moved = anchor.getBoundingClientRect().top - this.top - this.held.offset;
    if (moved) this.scroller.scrollTop += moved;
  }

  /** Do `change` to the list without moving what is read. */
  keep(change) {
    this.remember();
    change();
    this.hold();
    this.remember();
  }

  resized() {
    this.hold();
    this.remember();
    this.moved();
  }

  toEnd() {
    this.scroller.scrollTop = 0;
    this.remember();
    this.moved();
  }

  /** Put `element` so far down the view: 0 is its top, 1 its bottom. */
  bring(element, share) {
    const box = element.getBoundingClientRect();
    const room = this.scroller.clientHeight - Math.min(box.height, this.scroller.clientHeight);
    this.scroller.scrollTop += box.top - this.top - room * share;
    this.remember();
    this.moved();
  }
}

const CLOSE = 12;
const MOST_IN_VIEW = 40;

const isShown = ({ id }) => document.getElementById(id)?.hidden === false;
const isAsBefore = ({ id, follows }) => isShown({ id }) && document.getElementById(id).matches(".follows") === follows;

/**
 * Holds still what is being read while things come and go around it, and follows the newest at the end.
 * The scroller is a reversed column: its scrollTop is 0 at the end and negative above.
 */
export class ScrollKeeper {
  /**
   * `articles()` answers with the messages in the page that are shown, in order; `standIn(article)` with what stands for one that
   * is put away, or null; `moved()` is called when the view has moved.
   */
  constructor(scroller, list, { articles, standIn = () => null, moved }) {
    Object.assign(this, { scroller, list, articles, standIn, moved });
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
    this.held = anchor && this.placeOf(anchor);
  }

  /** The seq of the message that is held in its place, or null while the end is followed. */
  get heldSeq() {
    return this.following || !this.held ? null : Number(this.held.id.slice(1));
  }

  placeOf(article) {
    return { id: article.id, offset: article.getBoundingClientRect().top - this.top, follows: article.matches(".follows") };
  }

  /** Where the messages are that are read, the anchor first: if it is put away, or gets a name above its text, the next one holds. */
  get inView() {
    if (this.following || !this.isShown) return [];
    const articles = this.articles();
    const first = this.firstBelow(articles, this.top + 8);
    return articles.slice(first, first + MOST_IN_VIEW).map((article) => this.placeOf(article)).filter(({ offset }) => offset < this.scroller.clientHeight);
  }

  hold() {
    if (!this.isShown) return;
    if (this.following) return void (this.scroller.scrollTop = 0);
    const anchor = this.held && document.getElementById(this.held.id);
    const shown = anchor?.hidden ? this.standIn(anchor) : anchor;
    if (shown) this.moveTo(shown, this.held.offset);
  }

  moveTo(element, offset) {
    const moved = element.getBoundingClientRect().top - this.top - offset;
    if (moved) this.scroller.scrollTop += moved;
  }

  /** Do `change` to the list without moving what is read. */
  keep(change) {
    this.remember();
    const { inView } = this;
    change();
    this.held = inView.find(isAsBefore) ?? inView.find(isShown) ?? this.held;
    this.hold();
    this.remember();
  }

  /** Do `change` to the list without moving `element`, whatever is at the end. */
  keepAt(element, change) {
    const offset = element.getBoundingClientRect().top - this.top;
    change();
    this.moveTo(element, offset);
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

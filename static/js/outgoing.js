import { keepFiles } from "./attachments.js";
import { el } from "./dom.js";
import { pendingView, showProgress } from "./pending_view.js";
import { previews } from "./previews.js";
import { followsOn } from "./timeline_lines.js";

/** What waits in the outbox, drawn under the newest message. */
export class Outgoing {
  constructor({ outbox, me }) {
    Object.assign(this, { outbox, me });
    this.element = el("div", { class: "outgoing" });
    this.views = new Map();
    outbox.addEventListener("progress", ({ detail: { ref, share } }) => this.views.has(ref) && showProgress(this.views.get(ref).article, share));
  }

  /** `drawn` are the messages above: what is among them already, its answer lost on the way, is not shown twice. */
  draw(room, drawn, newest) {
    const items = this.withoutArrived(this.outbox.in(room), drawn);
    const present = new Set(items.map((item) => item.ref));
    for (const [ref, view] of this.views) if (!present.has(ref)) this.drop(ref, view);
    let before = newest;
    for (const item of items) {
      this.drawItem(item, before);
      before = this.asMessage(item);
    }
  }

  /** Have what waits slide to where `change()` puts it: what came before it goes above. */
  slide(change) {
    const before = [...this.views.values()].map(({ article }) => [article, article.getBoundingClientRect().top]);
    change();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const [article, top] of before) {
      const by = top - article.getBoundingClientRect().top;
      if (by && article.isConnected) article.animate({ transform: [`translateY(${by}px)`, "none"] }, { duration: 150, easing: "ease-out" });
    }
  }

  withoutArrived(items, drawn) {
    if (!items.length) return items;
    const refs = new Set(drawn.map((message) => message.ref));
    return items.filter((item) => !refs.has(item.ref));
  }

  drop(ref, { article }) {
    article.remove();
    this.views.delete(ref);
  }

  drawItem(item, before) {
    const view = this.views.get(item.ref);
    if (!view || view.state !== item.state || view.error !== item.error) {
      const article = pendingView(item, this.me);
      if (view) {
        view.article.before(article);
        keepFiles(view.article, article);
        view.article.remove();
      }
      this.views.set(item.ref, { article, state: item.state, error: item.error });
      this.fillIn(item, article);
    }
    const { article } = this.views.get(item.ref);
    article.classList.toggle("follows", followsOn(before, this.asMessage(item)));
    if (article.parentNode !== this.element) this.element.append(article);
  }

  /** After a reload the pictures of what waits are in the store: they come a moment later, into boxes of their size. */
  async fillIn({ ref, files = [] }, article) {
    if (!files.length) return;
    showProgress(article, this.outbox.progress.get(ref) ?? 0);
    for (const file of files.filter((one) => one.kind === "image" && !previews.get(one.ref))) {
      const url = await this.outbox.preview(file.ref);
      const image = article.querySelector(`[data-upload="${file.ref}"] img`);
      if (url && image) image.src = url;
    }
  }

  asMessage(item) {
    return { action: item.action, author: this.me, created_at: item.created_at, reply_to: item.reply };
  }
}

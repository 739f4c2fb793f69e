import { el } from "./dom.js";
import { pendingView } from "./pending_view.js";
import { followsOn } from "./timeline_lines.js";

/** What waits in the outbox, drawn under the newest message. */
export class Outgoing {
  constructor({ outbox, me }) {
    Object.assign(this, { outbox, me });
    this.element = el("div");
    this.views = new Map();
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
    if (!view || view.state !== item.state) {
      const article = pendingView(item, this.me);
      if (view) view.article.replaceWith(article);
      this.views.set(item.ref, { article, state: item.state });
    }
    const { article } = this.views.get(item.ref);
    article.classList.toggle("follows", followsOn(before, this.asMessage(item)));
    if (article.parentNode !== this.element) this.element.append(article);
  }

  asMessage(item) {
    return { action: item.action, author: this.me, created_at: item.created_at, reply_to: item.reply };
  }
}

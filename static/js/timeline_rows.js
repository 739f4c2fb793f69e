import { keepFiles } from "./attachments.js";
import { dayOf } from "./dates.js";
import { el } from "./dom.js";
import { markPlace, messageView } from "./message_view.js";
import { deliveryMark } from "./pending_view.js";
import { PresenceNote } from "./presence_notes.js";
import { Tombstones } from "./tombstones.js";
import { dayLine, followsOn, newLine } from "./timeline_lines.js";

const NOTE = ".note:not([hidden])";
const FOLD = ".deleted-run";

/** Put how far it is at an `article`. */
function mark(article, state) {
  const tick = deliveryMark(state);
  markPlace([article.querySelector(".body"), article.querySelector(".files")]).append(tick);
  return tick;
}

/** The drawn messages of a window, with the lines between them: put in, replaced and taken out one by one. */
export class TimelineRows {
  /**
   * `replaced({old, article, message})` is called when another element stands for a message; `toggled(line, change)` when a run of
   * deleted ones is to be opened or closed by `change()`.
   */
  constructor({ people, blocks, moderates, mayRestore, replaced, toggled }) {
    Object.assign(this, { people, blocks, moderates, mayRestore, replaced });
    this.tombstones = new Tombstones({ toggled: (line, change) => toggled(line, () => (change(), this.fold())) });
    this.unfolded = new Set();
    this.reworded = new Map();
    this.element = el("div", { class: "timeline-rows" });
    this.views = new Map();
  }

  /** Draw `messages` of `state`, with the "New" line above the message `newSeq`; what is above them can be put in later. */
  draw(state, newSeq, messages) {
    Object.assign(this, { state, newSeq, note: null });
    this.views.clear();
    this.tombstones.clear();
    this.element.replaceChildren();
    this.patch({ added: messages, updated: [], removed: [] });
  }

  /** Fold runs of deleted messages; what stands beside a fold is dressed for it. */
  fold() {
    const rows = this.state.messages.filter(({ seq }) => this.views.has(seq)).map((message) => {
      const { article, lead } = this.views.get(message.seq);
      return { message, article, isApart: () => lead.length > 0 || this.isAfterNote(article) };
    });
    for (const seq of this.tombstones.fold(rows)) {
      const message = this.state.find(seq);
      if (message) this.dress(message, this.state.messages[this.state.indexOf(seq) - 1]);
    }
  }

  /** Have a message shown that may be in a fold. */
  reveal(seq) {
    if (this.tombstones.open(seq, this.article(seq))) this.fold();
  }

  /** What stands in the page for an article that is put away. */
  standIn(article) {
    return this.tombstones.hiddenBy.get(article) ?? null;
  }

  /** The messages that are shown. */
  get articles() {
    return this.state.messages.map((message) => this.article(message.seq)).filter((article) => article && !article.hidden);
  }

  article(seq) {
    return this.views.get(seq)?.article ?? null;
  }

  /** The topmost element that belongs to a message: a line above it, or itself. */
  head(seq) {
    const view = this.views.get(seq);
    return view ? (view.lead[0] ?? view.article) : null;
  }

  /** Whether what comes next begins a group of its own. */
  get endsApart() {
    const last = this.element.lastElementChild;
    return Boolean(last?.matches(`${NOTE}, article[hidden]`));
  }

  isAfterNote(article) {
    const before = article.previousElementSibling;
    return (before?.matches(FOLD) ? before.previousElementSibling : before)?.matches(NOTE) ?? false;
  }

  patch({ added, updated, removed }) {
    for (const message of removed) this.remove(message.seq);
    for (const message of updated) this.replace(message);
    for (const message of added) this.insert(message);
    this.dressAround([...added, ...updated, ...removed]);
    if (removed.length) this.clearAbove();
    this.fold();
  }

  insert(message) {
    const next = this.nextDrawn(message.seq);
    const article = this.view(message);
    this.views.set(message.seq, { article, lead: [] });
    this.element.insertBefore(article, next && this.head(next));
    if (!next) this.note = null;
    if (message.ref === this.sentRef) this.markSent(article);
  }

  /** A tick at what was sent last from here. */
  markSent(article) {
    this.tick?.remove();
    this.tick = mark(article, "sent");
  }

  view(message) {
    const isBlocked = (author) => this.blocks.has(author) && !this.unfolded.has(message.id);
    const options = { isBlocked, moderates: this.moderates(), mayRestore: this.mayRestore };
    const { body, edited } = this.reworded.get(message.id) ?? {};
    if (body === undefined) return messageView(message, this.people, options);
    if (message.deleted_at || message.edited_at !== edited) {
      this.reworded.delete(message.id);
      return this.view(message);
    }
    const article = messageView({ ...message, body, html: null, edited_at: null }, this.people, options);
    mark(article, "sending");
    return article;
  }

  nextDrawn(seq) {
    const { messages } = this.state;
    for (let index = this.state.indexOf(seq + 1); index < messages.length; index += 1) {
      if (this.views.has(messages[index].seq)) return messages[index].seq;
    }
    return null;
  }

  replace(message) {
    const view = this.views.get(message.seq);
    if (!view) return;
    const old = view.article;
    const hadFocus = old.contains(document.activeElement);
    const article = this.view(message);
    article.tabIndex = old.tabIndex;
    old.before(article);
    keepFiles(old, article);
    old.remove();
    view.article = article;
    if (hadFocus) article.focus({ preventScroll: true });
    this.replaced({ old, article, message });
  }

  remove(seq) {
    const view = this.views.get(seq);
    if (!view) return;
    this.views.delete(seq);
    for (const element of [...view.lead, view.article]) element.remove();
  }

  dressAround(messages) {
    const { state } = this;
    const indexes = new Set([0]);
    for (const { seq } of messages) {
      const index = state.indexOf(seq);
      indexes.add(index);
      indexes.add(index + 1);
    }
    for (const index of indexes) if (state.messages[index]) this.dress(state.messages[index], state.messages[index - 1]);
  }

  /** What stood between messages that were dropped from the top goes with them. */
  clearAbove() {
    const top = this.head(this.state.first);
    while (top && this.element.firstChild !== top) this.element.firstChild.remove();
  }

  /** Give a message its lines above and its place in a group. */
  dress(message, before) {
    const view = this.views.get(message.seq);
    if (!view) return;
    const newDay = !before || dayOf(before.created_at) !== dayOf(message.created_at);
    const isNew = message.seq === this.newSeq;
    const wanted = `${newDay ? dayOf(message.created_at) : ""}|${isNew}`;
    if (view.wanted !== wanted) {
      view.wanted = wanted;
      for (const element of view.lead) element.remove();
      view.lead = [newDay && dayLine(message.created_at), isNew && newLine()].filter(Boolean);
      view.article.before(...view.lead);
    }
    const isFirst = isNew || this.isAfterNote(view.article) || this.tombstones.starts.has(message.seq);
    const foldsAlike = view.article.matches(".folded") === Boolean(this.article(before?.seq)?.matches(".folded"));
    view.article.classList.toggle("follows", !isFirst && foldsAlike && followsOn(before, message));
  }

  /** Move the "New" line. */
  markNew(seq) {
    const marked = [this.newSeq, seq].map((one) => this.state.find(one)).filter(Boolean);
    this.newSeq = seq;
    this.dressAround(marked);
    this.fold();
  }

  /** Gather who came and left into a line after the newest message. */
  tellPresence(change) {
    this.note ??= new PresenceNote();
    this.note.add(change);
    if (!this.note.element.isConnected) this.element.append(this.note.element);
  }

  rename(user) {
    for (const { article } of this.views.values()) {
      if (article.dataset.author !== String(user.id)) continue;
      if (article.matches(".folded")) continue;
      article.querySelector(".author").textContent = user.nickname;
      article.querySelector(".avatar").src = user.avatar_url;
    }
  }
}

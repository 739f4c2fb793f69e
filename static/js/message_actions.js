import { copy } from "./clipboard.js";
import { gettext } from "./i18n.js";
import { watchLongPress } from "./long_press.js";
import { moreMenu, palette, sheet, toolbar } from "./message_menu.js";
import { isMine, tellMoments } from "./message_view.js";
import { onTouch } from "./page.js";
import { showPopup, showSheet, step } from "./popups.js";
import { roomPath } from "./rooms.js";
import { complain, toast } from "./toasts.js";

const COMMANDS = { delete: "message.delete", restore: "message.restore", pin: "message.pin", unpin: "message.unpin" };

/** What one does to messages: by pointer, by long press, by keyboard. There is one toolbar, and it goes where it is wanted. */
export class MessageActions {
  /** `room()` answers with the open ROOM; `showCard(user)` shows who one is. */
  constructor({ list, timeline, composer, connection, outbox, reads, me, people, room, showCard, report, showVersions, pickEmoji, whyTold, takeDown }) {
    Object.assign(this, { list, timeline, composer, connection, outbox, reads, me, people, room, showCard, report, showVersions, pickEmoji, whyTold, takeDown });
    list.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.offer(event.target));
    list.addEventListener("pointerleave", () => this.withdraw());
    list.addEventListener("focusin", (event) => this.focused(event.target));
    list.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !list.contains(relatedTarget) && this.withdraw());
    list.addEventListener("click", (event) => this.clicked(event));
    list.addEventListener("keydown", (event) => this.key(event));
    timeline.addEventListener("replaced", ({ detail }) => detail.old === this.active && this.moveOver(detail));
    watchLongPress(list, (target) => Boolean(target.closest(".quote") || !target.closest("a:not(.picture), button, audio, video")) && this.pressed(target));
    list.addEventListener("contextmenu", (event) => onTouch() && !event.target.closest("a:not(.picture)") && event.preventDefault());
  }

  messageOf(element) {
    const seq = element.closest?.("article[data-seq]")?.dataset.seq;
    return seq ? this.timeline.state?.find(Number(seq)) : null;
  }

  offer(target) {
    const article = target.closest?.("article[data-seq]");
    if (!article || this.popup || article.contains(this.bar)) return;
    const message = this.messageOf(article);
    if (message) this.mount(article, message);
  }

  mount(article, message) {
    this.withdraw();
    this.bar = toolbar(message, this.may);
    article.append(this.bar);
    article.classList.add("active");
    this.active = article;
    tellMoments(article);
    this.keepInView();
  }

  /** At the upper edge of the view the toolbar would be cut off: it comes down as far as it must. */
  keepInView() {
    const hidden = this.timeline.keeper.top + 4 - this.bar.getBoundingClientRect().top;
    if (hidden > 0) this.bar.style.insetBlockStart = `${this.bar.offsetTop + hidden}px`;
  }

  /** The message under the pointer was patched: the toolbar stays, unless a menu of its hangs open. */
  moveOver({ article, message }) {
    tellMoments(article);
    if (this.popup) this.active = article;
    else this.mount(article, message);
  }

  withdraw() {
    if (this.popup) return;
    this.bar?.remove();
    this.active?.classList.remove("active");
    this.bar = this.active = null;
  }

  // Keyboard: one message is in the tab order, arrows go through them, Tab enters the toolbar.

  focused(target) {
    const article = target.closest("article[data-seq]");
    if (!article) return;
    for (const other of this.list.querySelectorAll('article[tabindex="0"]')) if (other !== article) other.tabIndex = -1;
    article.tabIndex = 0;
    if (article.matches(":focus-visible") || target !== article) this.offer(article);
  }

  key(event) {
    const article = event.target.closest("article");
    if (!article) return;
    if (event.target.closest(".actions")) return this.keyInBar(event, article);
    if (event.target !== article) return;
    const go = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
    if (go) return this.rove(event, article, go);
    if (event.key === "Enter" || event.key === "ContextMenu") {
      event.preventDefault();
      this.offer(article);
      this.bar?.querySelector("button")?.focus();
    }
  }

  rove(event, article, go) {
    event.preventDefault();
    const articles = this.timeline.articles;
    const index = Math.max(0, Math.min(articles.length - 1, articles.indexOf(article) + go));
    if (go === 1 && article === articles.at(-1)) return this.composer.focus();
    articles[index].focus({ preventScroll: true });
    articles[index].scrollIntoView({ block: "nearest" });
  }

  keyInBar(event, article) {
    if (event.key === "Escape") {
      event.stopPropagation();
      article.focus({ preventScroll: true });
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") step(event, this.bar);
  }

  /** Shift+Tab from the composer comes to the newest message. */
  makeReachable() {
    const newest = this.timeline.articles.at(-1);
    const reachable = this.list.querySelector('article[tabindex="0"]');
    if (reachable && (reachable === newest || this.list.contains(document.activeElement))) return;
    if (reachable) reachable.tabIndex = -1;
    if (newest) newest.tabIndex = 0;
  }

  // Touch.

  pressed(target) {
    const message = this.messageOf(target);
    if (!message) return;
    navigator.vibrate?.(10);
    const article = target.closest("article");
    article.classList.add("active");
    const open = showSheet(sheet(message, {
      chosen: (act) => this.act(act, message, article),
      picked: (emoji) => this.react(message, emoji),
      more: () => this.pick(message, article),
      may: this.may,
    }));
    open.addEventListener("close", () => article.classList.remove("active"));
  }

  // Doing it.

  get may() {
    const abilities = this.room()?.abilities ?? [];
    return { takesDown: abilities.includes("take_down"), seesVersions: abilities.includes("versions") };
  }

  /** Whom a face, a name or a mention stands for. */
  personOf(element) {
    const id = Number(element.dataset.person);
    const author = this.messageOf(element)?.author;
    return author?.id === id ? author : (this.people.users.get(id) ?? { id, nickname: element.textContent.replace(/^[@＠]/, "") });
  }

  clicked(event) {
    const person = event.target.closest("[data-person]");
    if (person) return this.showCard(this.personOf(person));
    const button = event.target.closest("[data-act]");
    if (!button) return;
    const article = button.closest("article");
    if (article.dataset.ref) return this.actOnPending(button.dataset.act, article.dataset.ref);
    const message = this.messageOf(article);
    if (message) this.act(button.dataset.act, message, button);
  }

  actOnPending(act, ref) {
    if (act === "retry") this.outbox.retry(ref);
    if (act === "discard") this.outbox.discard(ref);
  }

  act(act, message, from) {
    if (act === "delete" && !isMine(message)) return this.takeDown(message);
    if (COMMANDS[act]) return this.command({ type: COMMANDS[act], id: message.id });
    if (act === "react") return this.pop(palette((emoji) => this.react(message, emoji), () => this.pick(message, from)), from);
    if (act === "more") return this.pop(moreMenu(message, (chosen) => this.act(chosen, message, from), this.may), from);
    if (act === "toggle-reaction") return this.react(message, from.dataset.emoji);
    if (act === "reply") {
      this.composer.replyTo(message);
      // The line above the box must not cover what one answers.
      return this.timeline.rows.article(message.seq)?.scrollIntoView({ block: "nearest" });
    }
    if (act === "edit") return this.composer.edit(message);
    if (act === "link") return copy(new URL(roomPath(this.room() ?? { id: message.room }, message.seq), location.origin).href);
    if (act === "copy") return copy(message.body);
    if (act === "copy-code") return copy(from.closest(".highlight, pre").querySelector("code")?.textContent ?? "");
    if (act === "unread") return this.markUnread(message);
    if (act === "person") return this.showCard(message.author);
    if (act === "report") return this.report({ message });
    if (act === "versions") return this.showVersions(message);
    if (act === "told") return this.whyTold(message);
    if (act === "unfold") return this.timeline.unfold(message);
  }

  command(command) {
    return this.connection.command(command).catch(complain);
  }

  react(message, emoji) {
    this.closePopup();
    const now = this.timeline.state.find(message.seq) ?? message;
    const mine = now.reactions?.some((kind) => kind.emoji === emoji && kind.by.includes(this.me.id));
    this.command({ type: mine ? "message.unreact" : "message.react", id: message.id, emoji });
  }

  /** Any emoji at all. */
  pick(message, anchor) {
    this.closePopup();
    this.pickEmoji(anchor.isConnected ? anchor : this.timeline.rows.article(message.seq), (emoji) => this.react(message, emoji));
  }

  async markUnread(message) {
    this.closePopup();
    try {
      await this.reads.unread(message.room, message.seq);
      toast(gettext("Marked unread"));
    } catch (error) {
      complain(error);
    }
  }

  pop(popup, anchor) {
    this.popup = showPopup(popup, anchor, () => {
      this.popup = null;
      if (!this.active?.matches(":hover, :focus-within")) this.withdraw();
    });
    popup.addEventListener("click", (event) => event.target.closest(".menu-item") && this.closePopup());
  }

  closePopup() {
    this.popup?.hidePopover();
  }

  /** ↑ in an empty box. */
  editLast() {
    const last = [...(this.timeline.state?.messages ?? [])].reverse().find((message) => isMine(message) && !message.deleted_at);
    if (last) this.composer.edit(last);
    return Boolean(last);
  }
}

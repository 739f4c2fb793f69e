import { Completions } from "./completions.js";
import { el, focusOn, icon, iconButton, typeInto } from "./dom.js";
import { excerpt } from "./excerpt.js";
import { gettext, interpolate } from "./i18n.js";
import { enterSends } from "./keys.js";
import { byId, fetched, onTouch } from "./page.js";
import { readSlash } from "./slash.js";
import { complain, sentenceOf } from "./toasts.js";

const LONGEST = 4000;
const COUNT_FROM = 3600;
const BLANK_ENDS = /^(?:[^\S\n]*\n)+|\s+$/g;
const MARKS = { b: "**", i: "_" };

/** Where one writes: a message, an answer, or a new wording of one's last. What is typed is kept for each room. */
export class Composer {
  constructor({ outbox, drafts, typing, connection, people, rooms, attach, onSend, onReword, onEmptyUp, onUnblock, onCommand }) {
    Object.assign(this, { outbox, drafts, typing, connection, people, rooms, attach, onSend, onReword, onEmptyUp, onUnblock, onCommand });
    this.unsaved = new Map();
    this.notice = byId("composer-notice");
    this.way = byId("composer-way");
    this.form = byId("composer");
    this.box = byId("message-text");
    this.context = byId("composer-context");
    this.error = byId("composer-error");
    this.count = byId("composer-count");
    this.reply = this.editing = null;
    this.completions = new Completions({
      list: byId("completions"), status: byId("completions-count"), box: this.box, changed: () => this.typed(),
      loadSources: async () => {
        const { completionSources } = await fetched("completion_sources", () => import("./completion_sources.js"));
        return completionSources({ people: () => this.candidates(), rooms, room: () => rooms.get(this.room.id) });
      },
    });
    this.form.addEventListener("submit", (event) => this.submitted(event));
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("input", (event) => this.typed(event));
    this.box.addEventListener("compositionend", () => {
      this.composedAt = performance.now();
      this.completions.update();
    });
    this.box.addEventListener("blur", () => this.completions.close());
    attach.addEventListener("changed", () => (this.say(""), this.fit()));
    attach.addEventListener("refused", ({ detail }) => this.say(detail));
    // A press on the button must not take the focus, or the phone's keyboard goes away after each message.
    byId("send").addEventListener("pointerdown", (event) => document.activeElement === this.box && event.preventDefault());
    this.box.enterKeyHint = onTouch() ? "enter" : "send";
  }

  candidates() {
    const users = this.people.in(this.room.id).map((member) => member.user).filter((user) => !user.former);
    const isMe = ({ id }) => id === this.people.me.id;
    return users.sort((one, other) => isMe(one) - isMe(other));
  }

  open(room) {
    // A slow phone shows the box some time before there is a script to look after it.
    const typed = this.room ? "" : this.box.value;
    this.room = room;
    this.editing = null;
    this.attach.open(room.id);
    const draft = this.drafts.get(room.id);
    this.reply = draft.reply;
    this.refresh(room);
    this.put(typed || draft.text);
    if (typed) this.keepDraft();
  }

  /** Say what is against writing here, if anything is. What was typed stays. */
  refresh(room) {
    this.room = room;
    const { barrier } = room;
    this.box.readOnly = Boolean(barrier);
    this.form.classList.toggle("barred", Boolean(barrier));
    this.drawNotice();
  }

  /** The empty box says itself what is against writing; one with a draft needs words above it. A block can be lifted. */
  drawNotice() {
    const { barrier, prompt } = this.room;
    const isKept = Boolean(barrier && this.box.value);
    this.box.placeholder = barrier?.text ?? prompt;
    this.notice.hidden = !isKept;
    this.notice.textContent = isKept ? `${barrier.text} ${gettext("What you have written stays here.")}` : "";
    this.way.hidden = !barrier?.unblock;
    this.way.onclick = () => this.onUnblock(barrier.unblock);
  }

  /** Put someone's name where the cursor is. */
  mention(user) {
    const { selectionStart: start, value } = this.box;
    const space = start && !/\s$/.test(value.slice(0, start)) ? " " : "";
    this.insert(`${space}@${user.nickname} `);
  }

  /** Put a text where the cursor is. */
  insert(text) {
    typeInto(this.box, text);
    this.typed();
  }

  focus() {
    focusOn(this.box);
  }

  put(text) {
    this.box.value = text;
    this.drawNotice();
    this.completions.close();
    this.say("");
    this.drawContext();
    this.fit();
  }

  typed(event) {
    this.say("");
    this.fit();
    // What an input method has not settled yet is not to be completed.
    if (!event?.isComposing) this.completions.update();
    if (this.editing) return;
    this.keepDraft();
    // Of a command nobody is told.
    if (/^\s*(?!\/\p{L})\S/u.test(this.box.value)) this.typing.tell(this.room.id);
  }

  keepDraft() {
    this.drafts.set(this.room.id, { text: this.box.value, reply: this.reply });
  }

  /** As high as its text; the limit of half the screen is the style's. */
  fit() {
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
    const length = [...this.box.value].length;
    this.form.classList.toggle("filled", Boolean(this.box.value.trim() || this.attach.count));
    this.count.hidden = length < COUNT_FROM;
    this.count.textContent = String(LONGEST - length);
    this.count.classList.toggle("over", length > LONGEST);
  }

  // Keys.

  /** Whether a key belongs to the input method. Safari ends composing just before the Enter that did it. */
  isComposing(event) {
    return event.isComposing || event.keyCode === 229 || performance.now() - (this.composedAt ?? -Infinity) < 30;
  }

  key(event) {
    if (this.isComposing(event) || this.completions.key(event)) return;
    const { key } = event;
    const sends = (enterSends() && !onTouch()) || event.ctrlKey || event.metaKey;
    if (key === "Enter" && !event.shiftKey && !event.altKey && sends) return this.submitted(event);
    if (key === "Escape" && (this.editing || this.reply)) return this.cancel(event);
    if (key === "ArrowUp" && !this.box.value && !event.shiftKey && this.onEmptyUp()) return event.preventDefault();
    const mark = (event.ctrlKey || event.metaKey) && !event.shiftKey && MARKS[key.toLowerCase()];
    if (mark) this.wrap(event, mark);
  }

  wrap(event, mark) {
    event.preventDefault();
    const { selectionStart: start, selectionEnd: end, value } = this.box;
    typeInto(this.box, `${mark}${value.slice(start, end)}${mark}`);
    if (start === end) this.box.setSelectionRange(start + mark.length, start + mark.length);
    else this.box.setSelectionRange(start + mark.length, end + mark.length);
    this.typed();
  }

  // Sending.

  submitted(event) {
    event.preventDefault();
    if (this.attach.adding) return void this.attach.adding.then(() => this.submitted(event));
    const body = this.box.value.replace(BLANK_ENDS, "");
    const mayBeEmpty = this.editing ? this.editing.attachments?.length : this.attach.count;
    if ((!body && !mayBeEmpty) || this.room.barrier) return;
    if ([...body].length > LONGEST) return this.say(interpolate(gettext("A message has at most %s characters."), [LONGEST]));
    if (this.editing) return this.saveEdit(body);
    const slash = readSlash(body);
    if (slash?.error) return this.say(slash.error);
    if (slash?.name) return this.run(slash);
    if (this.attach.against) return this.say(this.attach.against);
    this.outbox.add({ room: this.room.id, files: this.attach.take(), reply: this.reply, ...(slash ?? { body }) });
    this.reply = null;
    this.drafts.set(this.room.id, { text: "", reply: null });
    this.typing.toldAt = 0;
    this.put("");
    this.onSend();
  }

  /** A command goes only once it is done: otherwise it stays, with the reason. */
  async run(command) {
    const { room } = this;
    const text = this.box.value;
    this.completions.close();
    if (this.running) return;
    this.running = true;
    try {
      await this.onCommand(command);
    } catch (error) {
      return this.say(sentenceOf(error));
    } finally {
      this.running = false;
    }
    if (this.drafts.get(room.id).text === text) this.drafts.set(room.id, { text: "", reply: null });
    if (this.room.id === room.id && this.box.value === text) this.put("");
  }

  /** The message says it at once. If it can't be saved, one goes on editing; or is told, and finds the wording there later. */
  async saveEdit(body) {
    const { editing } = this;
    const { id, room } = editing;
    const before = this.unsaved.get(id);
    this.stopEditing();
    if (body === (before?.isPending ? before.body : (editing.body ?? ""))) return;
    const mine = { body, isPending: true };
    this.unsaved.set(id, mine);
    const { reply } = this;
    const text = this.box.value;
    const saved = this.connection.command({ type: "message.edit", id, body });
    this.onReword(editing, body, saved);
    try {
      await saved;
      if (this.unsaved.get(id) === mine) this.unsaved.delete(id);
    } catch (error) {
      mine.isPending = false;
      const isElsewhere = this.room.id !== room || ![this.box, document.body].includes(document.activeElement);
      const isBusy = isElsewhere || this.editing || this.reply !== reply || this.box.value !== text;
      if (isBusy) return complain(error);
      this.edit(editing);
      this.say(error.code === "disconnected" ? gettext("No connection. Your text stays here; save it when the connection is back.") : error.detail);
    }
  }

  say(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
  }

  // Answering and editing.

  replyTo(message) {
    if (this.editing) this.stopEditing();
    const { id, seq, author } = message;
    this.reply = { id, seq, author, excerpt: excerpt(message) };
    this.keepDraft();
    this.drawContext();
    this.focus();
  }

  edit(message) {
    this.editing = message;
    this.put(this.unsaved.get(message.id)?.body ?? message.body ?? "");
    this.focus();
    this.box.setSelectionRange(this.box.value.length, this.box.value.length);
  }

  stopEditing() {
    const draft = this.drafts.get(this.room.id);
    if (!this.unsaved.get(this.editing.id)?.isPending) this.unsaved.delete(this.editing.id);
    this.editing = null;
    this.reply = draft.reply;
    this.put(draft.text);
  }

  cancel(event) {
    event?.preventDefault();
    event?.stopPropagation();
    if (this.editing) return this.stopEditing();
    this.reply = null;
    this.keepDraft();
    this.drawContext();
  }

  drawContext() {
    const { editing, reply } = this;
    this.context.hidden = !editing && !reply;
    this.context.replaceChildren();
    if (this.context.hidden) return;
    const text = editing ? gettext("Editing your message") : interpolate(gettext("To %(name)s: %(text)s"), { name: reply.author.nickname, text: reply.excerpt });
    this.context.append(
      icon(editing ? "edit" : "reply"),
      el("span", { class: "composer-context-text", dir: "auto" }, text),
      iconButton("close", gettext("Cancel"), { onclick: () => (this.cancel(), this.focus()) }),
    );
  }
}

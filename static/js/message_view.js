import { attachmentsView } from "./attachments.js";
import { fullLabel, timeLabel } from "./dates.js";
import { avatar, el, icon, sanitisedByServer } from "./dom.js";
import { isOnlyEmoji } from "./emoji.js";
import { gettext, interpolate } from "./i18n.js";
import { page } from "./page.js";

const BLOCKS = "p, ul, ol, li, blockquote, .highlight";
const WORD_JOINER = "\u2060";

/** Where a message can be linked to. */
export const permalink = (message) => `/rooms/${message.room}/${message.seq}/`;

export const isMine = (message) => message.author?.id === page.user.id && message.kind !== "system";

const mentionsMe = (message) => !isMine(message) && (message.mentions_all || message.mentions?.includes(page.user.id));

/** The `article` of a message; `people` knows who is called what now. */
export function messageView(message, people, { isBlocked = () => false, moderates = false, mayRestore = () => false } = {}) {
  if (message.kind === "system") return systemView(message);
  if (isBlocked(message.author.id) && !message.deleted_at) return foldedView(message);
  const article = el("article", { class: "message", tabindex: "-1", "data-seq": message.seq, "data-author": message.author.id });
  article.id = `m${message.seq}`;
  article.classList.toggle("for-me", Boolean(mentionsMe(message)) && !message.deleted_at);
  article.classList.toggle("deleted", Boolean(message.deleted_at));
  const author = people.users.get(message.author.id) ?? message.author;
  const face = avatar(author, 36);
  face.dataset.person = author.id;
  const parts = message.deleted_at ? [trace(message, moderates, mayRestore(message))] : body(message, moderates);
  const isAction = message.action && !message.deleted_at;
  if (isAction) actionLine(article, parts[0], author, message.created_at);
  article.append(face, el("div", { class: "content" }, isAction ? null : byline(author, message), quote(message, isBlocked), parts, reactions(message, people)));
  return article;
}

/** “Ann waves”: the name becomes a part of the text, and the time stands behind it. */
export function actionLine(article, text, author, at) {
  article.classList.add("action");
  const first = text.querySelector(":scope > p:first-child") ?? text;
  first.prepend(authorName(author), " ");
  lastLine(text).append(marksView([el("time", { datetime: at }, timeLabel(at))]));
}

/** What someone wrote whom I have blocked, put away. */
function foldedView(message) {
  const show = el("button", { type: "button", class: "text-button", "data-act": "unfold" }, gettext("Show"));
  const text = el("div", { class: "body trace" }, gettext("Message from someone you blocked"), " ", show);
  const attributes = { class: "message folded", id: `m${message.seq}`, tabindex: "-1", "data-seq": message.seq, "data-author": message.author.id };
  return el("article", attributes, el("div", { class: "content" }, text));
}

function systemView(message) {
  const text = el("div", { class: "body" });
  if (message.html) text.append(sanitisedByServer(message.html));
  else text.textContent = message.body ?? "";
  return el("article", { class: "message system", id: `m${message.seq}`, tabindex: "-1", "data-seq": message.seq }, text);
}

const authorName = (author) => el("button", { type: "button", class: "author", dir: "auto", tabindex: "-1", "data-person": author.id }, author.nickname);

export function byline(author, message) {
  return el(
    "div",
    { class: "byline" },
    authorName(author),
    author.former && el("span", { class: "person-note" }, gettext("former")),
    el("time", { datetime: message.created_at }, timeLabel(message.created_at)),
  );
}

export function quote({ room, reply_to: reply }, isBlocked = () => false) {
  if (!reply) return null;
  const text = isBlocked(reply.author.id) ? gettext("Message from someone you blocked") : reply.excerpt;
  return el(
    "a",
    { class: "quote", href: permalink({ room, seq: reply.seq }), "data-goto": reply.seq },
    el("b", { dir: "auto" }, reply.author.nickname),
    el("span", { dir: "auto" }, text || gettext("Message deleted")),
  );
}

function body(message, moderates) {
  const parts = contents(message);
  const marks = marksOf(message, moderates);
  if (marks.length) markPlace(parts).append(marksView(marks));
  return parts;
}

/** What someone wrote, and what is attached to it. */
export function contents(message) {
  return [textView(message), attachmentsView(message.attachments)].filter(Boolean);
}

/** Where small marks go without taking a line of their own: behind the text, or on what is attached if there is none. */
export function markPlace([text, files]) {
  return files && !text.hasChildNodes() ? files : lastLine(text);
}

function lastLine(text) {
  let line = text;
  while (line.lastElementChild?.matches(BLOCKS)) line = line.lastElementChild;
  return line;
}

/** Small marks behind a text. The joiner keeps them on the line of its last word. */
export function marksView(marks, attributes = {}) {
  return el("span", { class: "marks", ...attributes }, WORD_JOINER, marks);
}

/** The text alone: plain as it was typed, or the server's markup with my mentions and copy buttons put in. */
export function textView({ html, body: plain = "", action = false }) {
  const text = el("div", { class: "body", dir: "auto" });
  if (!html) {
    if (plain) text.append(el("span", {}, plain));
    text.classList.toggle("large", !action && isOnlyEmoji(plain));
    return text;
  }
  text.classList.add("rich");
  text.append(sanitisedByServer(html));
  for (const mention of text.querySelectorAll(".mention")) markMention(mention);
  for (const link of text.querySelectorAll("a[data-room]")) link.removeAttribute("target");
  for (const link of text.querySelectorAll("a[href]:not([data-room])")) Object.assign(link, { target: "_blank", rel: "noopener noreferrer nofollow" });
  for (const code of text.querySelectorAll("pre")) addCopy(code);
  return text;
}

/** A mention of one person leads to who that is. */
function markMention(mention) {
  const { user } = mention.dataset;
  mention.classList.toggle("mine", !user || user === String(page.user.id));
  if (!user) return;
  Object.assign(mention, { role: "button", tabIndex: -1 });
  mention.dataset.person = user;
}

function addCopy(code) {
  const frame = code.closest(".highlight") ?? code;
  const label = gettext("Copy the code");
  frame.append(el("button", { type: "button", class: "code-copy", "aria-label": label, title: label, "data-act": "copy-code" }, icon("copy")));
  code.tabIndex = 0;
}

function marksOf(message, moderates) {
  const marks = [];
  if (message.edited_at) marks.push(editedMark(message, moderates));
  if (message.pinned_at) marks.push(el("span", { title: gettext("Pinned") }, icon("pin"), el("span", { class: "unseen" }, gettext("Pinned"))));
  return marks;
}

/** Moderators are shown by it what was said before. */
function editedMark({ edited_at: at }, moderates) {
  if (!moderates) return el("span", { "data-edited": at }, gettext("edited"));
  const attributes = { class: "edited-mark", tabindex: "-1", "data-edited": at, "data-act": "versions", "aria-haspopup": "dialog" };
  return el("button", { type: "button", ...attributes }, gettext("edited"));
}

/** Who points at a message is told of its moments in full. */
export function tellMoments(article) {
  const [sent, edited] = [article.querySelector("time"), article.querySelector("[data-edited]")];
  if (sent) sent.title = fullLabel(sent.dateTime);
  if (edited) edited.title = [fullLabel(edited.dataset.edited), edited.matches("button") && gettext("Earlier texts")].filter(Boolean).join(" · ");
}

/** That something was deleted; who wrote it, or moderates, is told if it was not the author who did it. */
function trace(message, moderates, canRestore) {
  const isTold = (moderates || isMine(message)) && (message.deleted_by ?? "author") !== "author";
  const text = el("div", { class: "body trace" }, isTold ? gettext("Message deleted by a moderator") : gettext("Message deleted"));
  if (canRestore) text.append(" ", el("button", { type: "button", class: "text-button", "data-act": "restore" }, gettext("Restore")));
  return text;
}

function reactions({ reactions: kinds = [], deleted_at: deleted }, people) {
  if (!kinds.length || deleted) return null;
  return el("div", { class: "reactions" }, kinds.map((kind) => reactionView(kind, people)));
}

function reactionView({ emoji, count, by }, people) {
  const mine = by.includes(page.user.id);
  const names = by.map((id) => (id === page.user.id ? gettext("You") : people.name(id))).filter(Boolean);
  const others = count - names.length;
  if (others > 0) names.push(interpolate(gettext("%s more"), [others]));
  return el(
    "button",
    { type: "button", class: "reaction", "aria-pressed": String(mine), "data-act": "toggle-reaction", "data-emoji": emoji, title: names.join(", ") },
    el("span", {}, emoji),
    el("span", {}, String(count)),
  );
}

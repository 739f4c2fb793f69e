import { avatar, el, icon } from "./dom.js";
import { gettext } from "./i18n.js";
import { actionLine, byline, lastLine, marksView, quote, textView } from "./message_view.js";

const STATES = { sending: ["clock", () => gettext("Sending")], sent: ["check", () => gettext("Sent")], failed: ["alert", () => gettext("Not sent")] };

/** The `article` of what is still in the outbox. Waiting takes no more room than sent, so that nothing moves. */
export function pendingView(item, me) {
  const article = el("article", { class: `message pending ${item.state}`, tabindex: "-1", "data-ref": item.ref, "data-author": me.id });
  const text = textView({ body: item.body, action: item.action });
  if (item.action) actionLine(article, text, me, item.created_at);
  if (item.state !== "failed") lastLine(text).append(deliveryMark(item.state));
  article.append(
    avatar(me, 36),
    el("div", { class: "content" }, item.action ? null : byline(me, item), quote({ room: item.room, reply_to: item.reply }), text, item.state === "failed" && failure(item)),
  );
  return article;
}

export function deliveryMark(state) {
  const [name, label] = STATES[state];
  return marksView([icon(name), el("span", { class: "unseen" }, label())], { class: "marks delivery-mark", title: label() });
}

function failure(item) {
  // What waits for a moderator comes by itself once it is let through.
  const isHeld = item.code === "held";
  const text = isHeld ? item.error : [STATES.failed[1](), item.error].filter(Boolean).join(" · ");
  return el(
    "div",
    { class: "delivery" },
    el("span", {}, icon(isHeld ? "clock" : "alert"), " ", text),
    !isHeld && el("button", { type: "button", class: "text-button", "data-act": "retry" }, gettext("Try again")),
    el("button", { type: "button", class: "text-button", "data-act": "discard" }, gettext("Delete")),
  );
}

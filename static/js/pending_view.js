import { avatar, el, icon, iconButton } from "./dom.js";
import { gettext } from "./i18n.js";
import { actionLine, byline, contents, markPlace, marksView, quote, tellMoments } from "./message_view.js";

const STATES = { sending: ["clock", () => gettext("Sending")], sent: ["check", () => gettext("Sent")], failed: ["alert", () => gettext("Not sent")] };

/** The `article` of what is still in the outbox. Waiting takes no more room than sent, so that nothing moves. */
export function pendingView(item, me) {
  const article = el("article", { class: `message pending ${item.state}`, tabindex: "-1", "data-ref": item.ref, "data-author": me.id });
  const parts = contents({ body: item.body, action: item.action, attachments: item.files });
  if (item.action) actionLine(article, parts[0], me, item.created_at);
  if (item.state !== "failed") markPlace(parts).append(deliveryMark(item.state));
  if (item.state === "sending" && item.files?.length) parts[1].append(uploading());
  article.append(
    avatar(me, 36),
    el("div", { class: "content" }, item.action ? null : byline(me, item), quote({ room: item.room, reply_to: item.reply }), parts, item.state === "failed" && failure(item)),
  );
  // It may stay for days.
  if (item.state === "failed") tellMoments(article);
  return article;
}

/** How far the files of a message are, over them, and a way to give up. */
function uploading() {
  return el("div", { class: "uploading" },
    el("progress", { max: 1, value: 0, "aria-label": gettext("Uploading") }),
    iconButton("close", gettext("Cancel the upload"), { "data-act": "discard" }));
}

/** Show in a pending `article` that `share` (0 to 1) of its files is up. */
export function showProgress(article, share) {
  const bar = article.querySelector(".uploading progress");
  if (bar) bar.value = share;
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
    !isHeld && item.code !== "turned_down" && el("button", { type: "button", class: "text-button", "data-act": "retry" }, gettext("Try again")),
    el("button", { type: "button", class: "text-button", "data-act": "discard" }, gettext("Delete")),
  );
}

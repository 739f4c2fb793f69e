import { el, icon, iconButton } from "./dom.js";
import { PALETTE } from "./emoji.js";
import { gettext } from "./i18n.js";
import { isMine } from "./message_view.js";

const HANDY = 8;

/** What one can do to `message`: `[action, icon, label]`, the most wanted first. */
function choices(message, { takesDown, seesVersions } = {}) {
  if (message.kind === "system") return [["link", "link", gettext("Copy link")], ["unread", "unread", gettext("Mark unread from here")]];
  if (message.deleted_at) return [["unread", "unread", gettext("Mark unread from here")]];
  return [
    ["react", "react", gettext("React")],
    ["reply", "reply", gettext("Reply")],
    isMine(message) && ["edit", "edit", gettext("Edit")],
    message.pinned_at ? ["unpin", "unpin", gettext("Unpin")] : ["pin", "pin", gettext("Pin")],
    ["link", "link", gettext("Copy link")],
    message.body && ["copy", "copy", gettext("Copy text")],
    ["unread", "unread", gettext("Mark unread from here")],
    message.edited_at && seesVersions && ["versions", "history", gettext("Earlier texts")],
    !isMine(message) && ["told", "bell", gettext("Why was I told, or not?")],
    !isMine(message) && ["person", "user", gettext("About the author")],
    !isMine(message) && ["report", "flag", gettext("Report")],
    (isMine(message) || takesDown) && ["delete", "trash", gettext("Delete")],
  ].filter(Boolean);
}

const LESS_WANTED = new Set(["copy", "unread", "told", "person", "report", "versions"]);

/** The bar that appears at a message under the pointer or the focus. */
export function toolbar(message, may) {
  const all = choices(message, may);
  const first = all.length > 3 ? all.filter(([act]) => !LESS_WANTED.has(act)) : all;
  const bar = el("div", { class: "actions", role: "toolbar", "aria-label": gettext("What to do with the message") });
  for (const [act, name, label] of first) bar.append(iconButton(name, label, { "data-act": act }));
  if (first !== all) bar.append(iconButton("more", gettext("More"), { "data-act": "more", "aria-haspopup": "dialog" }));
  return bar;
}

function items(message, among, chosen, may) {
  return choices(message, may)
    .filter(([act]) => among(act))
    .map(([act, name, label]) =>
      el("button", { type: "button", class: act === "delete" ? "menu-item danger" : "menu-item", onclick: () => chosen(act) }, icon(name), el("span", {}, label)),
    );
}

/** The rest of the choices. `chosen(action)` is called. */
export function moreMenu(message, chosen, may) {
  return el("div", { class: "menu more-menu", role: "dialog", "aria-label": gettext("More") }, items(message, (act) => LESS_WANTED.has(act), chosen, may));
}

export function paletteGrid(picked, emoji = PALETTE) {
  return el("div", { class: "palette-grid" }, emoji.map((one) => el("button", { type: "button", onclick: () => picked(one) }, one)));
}

export function palette(picked, more) {
  return el("div", { class: "menu palette", role: "dialog", "aria-label": gettext("Reactions") }, paletteGrid(picked), moreEmoji(more));
}

const moreEmoji = (more) => el("button", { type: "button", class: "menu-item more-emoji", onclick: more }, icon("search"), el("span", {}, gettext("More emoji")));

/** Everything at once, for a long press. */
export function sheet(message, { chosen, picked, more, may }) {
  const dialog = el("dialog", { class: "sheet", "aria-label": gettext("What to do with the message") });
  const close = (then) => (value) => {
    dialog.close();
    then(value);
  };
  if (!message.deleted_at && message.kind !== "system") dialog.append(paletteGrid(close(picked), PALETTE.slice(0, HANDY)), moreEmoji(close(more)));
  dialog.append(...items(message, (act) => act !== "react", close(chosen), may));
  return dialog;
}

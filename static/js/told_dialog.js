import { api } from "./api.js";
import { distance } from "./dates.js";
import { openDialog } from "./dialogs.js";
import { el, icon } from "./dom.js";
import { summary } from "./excerpt.js";
import { sentenceOf } from "./fields.js";
import { gettext, interpolate } from "./i18n.js";

/** Why one was told of a message, or was not, and which devices were called. */
export function showTold(message, { room, openSettings, openMySettings }) {
  const answer = el("div", { class: "told", "aria-live": "polite", "aria-busy": "true" }, el("p", { class: "empty-note" }, gettext("One moment …")));
  const leave = (then) => () => {
    dialog.close();
    then();
  };
  const ways = el("div", { class: "dialog-buttons" },
    room?.role && room.kind !== "direct" && el("button", { type: "button", class: "button", onclick: leave(() => openSettings(room)) }, gettext("Room settings")),
    el("button", { type: "button", class: "button", onclick: leave(() => openMySettings("notifications")) }, gettext("Notifications")));
  const quoted = el("blockquote", { class: "told-quote" }, el("b", { dir: "auto" }, message.author?.nickname ?? ""), " ", el("span", { dir: "auto" }, summary(message)));
  const dialog = openDialog({ title: gettext("Why was I told, or not?"), content: [quoted, answer, ways] });
  api.told(message.id).then((told) => fill(answer, told), (error) => answer.replaceChildren(el("p", { class: "field-error" }, sentenceOf(error))))
    .finally(() => answer.removeAttribute("aria-busy"));
}

function fill(answer, { told, detail, outcome, outcome_detail: outcomeDetail, at, devices }) {
  const verdict = told ? gettext("You are told of it.") : gettext("You are not told of it.");
  const calls = outcome ? outcomeDetail : gettext("No device was to be called.");
  answer.replaceChildren(...[
    el("p", { class: told ? "told-verdict yes" : "told-verdict" }, icon(told ? "bell" : "bell-off"), el("span", {}, el("b", {}, verdict), " ", detail)),
    told && el("h3", { class: "page-title" }, gettext("While no tab was open")),
    told && el("p", {}, calls, at && el("span", { class: "field-note" }, ` ${distance(at)}`)),
    devices.length > 0 && el("ul", { class: "plain-list", "aria-label": gettext("Devices") }, devices.map(deviceRow)),
  ].filter(Boolean));
}

function deviceRow({ device, detail, status, at }) {
  const said = status ? `${detail} ${interpolate(gettext("(answer %s)"), [status])}` : detail;
  return el("li", { class: "plain-row" }, el("span", { class: "member-text" }, el("b", {}, device || gettext("Some browser")), el("span", { class: "field-note" }, `${said} · ${distance(at)}`)));
}

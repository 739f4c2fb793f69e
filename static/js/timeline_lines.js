import { dayLabel, dayOf, isoDay } from "./dates.js";
import { avatar, el, icon } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";
import { markName } from "./room_mark.js";
import { roomName } from "./rooms.js";

const GROUP_MINUTES = 5;

/** Whether `message` goes on in the group of `before`, without a name and a face of its own. */
export function followsOn(before, message) {
  if (!before || message.reply_to || message.kind === "system" || before.kind === "system" || message.action || before.action) return false;
  if (before.author.id !== message.author.id || dayOf(before.created_at) !== dayOf(message.created_at)) return false;
  return Date.parse(message.created_at) - Date.parse(before.created_at) < GROUP_MINUTES * 60_000;
}

export function dayLine(iso) {
  const title = gettext("Go to a day");
  return el("div", { class: "day" }, el("span", { class: "unseen", role: "separator" }), el("button", { type: "button", class: "day-button", tabindex: "-1", title, "data-day": isoDay(iso) }, dayLabel(iso)));
}

export function newLine() {
  return el("div", { class: "new-line", role: "separator" }, el("span", {}, gettext("New")));
}

/** What stands above the first message ever. */
export function roomStart(room) {
  const direct = room.kind === "direct";
  const picture = direct ? room.with.avatar_url : room.picture_url;
  const text = direct
    ? interpolate(gettext("Only you and %s can read this."), [room.with.nickname])
    : gettext("This is where it all begins.");
  return el(
    "div",
    { class: "room-start" },
    picture ? avatar({ avatar_url: picture }, 52) : el("span", { class: "room-start-mark" }, icon(markName(room))),
    el("b", { dir: "auto" }, roomName(room)),
    el("span", {}, text),
  );
}

export function moreAbove() {
  return el("div", { class: "edge" }, gettext("Loading earlier messages…"));
}

export function skeleton() {
  return Array.from({ length: 6 }, () => el("div", { class: "skeleton", "aria-hidden": "true" }, el("i"), el("i"), el("i")));
}

export function welcome(me, room) {
  return el(
    "div",
    { class: "welcome" },
    el("b", {}, interpolate(gettext("Welcome, %s!"), [me.nickname])),
    el("span", {}, interpolate(gettext("You are in %s. Say hello: everyone here can read it."), [roomName(room)])),
  );
}

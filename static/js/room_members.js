import { api } from "./api.js";
import { askReason } from "./ask_reason.js";
import { distance } from "./dates.js";
import { confirmed } from "./dialogs.js";
import { avatar, el, iconButton } from "./dom.js";
import { resultLine, textField } from "./fields.js";
import { gettext, interpolate } from "./i18n.js";
import { pagedList } from "./paged_list.js";
import { showPopup } from "./popups.js";

const ROLES = () => ({ owner: gettext("Owner"), moderator: gettext("Moderator"), member: "" });
const MUTES = () => [[10, gettext("Mute for 10 minutes")], [60, gettext("Mute for 1 hour")], [1440, gettext("Mute for 1 day")]];

/** The people of a room, found by name and page by page, with what one may do about each. */
export function memberList(context) {
  const line = resultLine();
  const field = textField({ label: gettext("Find people"), type: "search", placeholder: gettext("Search by name") });
  const { parts, reload } = pagedList({
    field, class: "member-list", "aria-label": gettext("People"),
    fetchPage: async (query) => {
      const { members: items, next } = await api.members(context.room.id, { ...query, limit: 50 });
      return { items, next };
    },
    row: (member) => memberRow(member, { ...context, line, again: reload }),
    nothing: () => gettext("Nobody by that name."),
  });
  return [field.element, line.element, ...parts];
}

function memberRow(member, context) {
  const { user, role, online, away } = member;
  const acts = memberActs(member, context);
  const menu = acts.length > 0 && iconButton("more", interpolate(gettext("What to do about %s"), [user.nickname]), { "aria-haspopup": "dialog", onclick: () => showActs(menu, acts) });
  return el("li", { class: "member-row" },
    el("span", { class: "avatar-frame" }, avatar(user, 32), online && el("span", { class: away ? "presence idle" : "presence" })),
    el("span", { class: "member-text" }, el("b", { dir: "auto" }, user.nickname), el("span", { class: "field-note" }, notesOf(member).join(" · "))), menu);
}

function notesOf({ role, online, away, last_seen_at: seen, muted_until: muted }) {
  const there = away ? gettext("away") : gettext("online");
  const gone = seen && interpolate(gettext("last seen %s"), [distance(seen)]);
  return [ROLES()[role], online ? there : gone, muted && interpolate(gettext("muted, ends %s"), [distance(muted)])].filter(Boolean);
}

export function showActs(anchor, acts) {
  const menu = el("div", { class: "menu more-menu", role: "dialog", "aria-label": gettext("More") },
    acts.map(([label, act, danger]) => el("button", { type: "button", class: danger ? "menu-item danger" : "menu-item", onclick: () => (menu.hidePopover(), act()) }, el("span", {}, label))));
  showPopup(menu, anchor);
}

/** What I may do about someone in a room, as the site says: `[label, act, isDangerous]`. */
export function memberActs({ user, role, muted_until: muted, abilities = [] }, { room, line, again = () => {} }) {
  const may = (ability) => abilities.includes(ability);
  const run = (work, sentence) => async () => {
    try {
      await work();
      line.done(interpolate(sentence, [user.nickname]));
      again();
    } catch (error) {
      line.fail(error);
    }
  };
  const edit = (fields) => () => api.editMember(room.id, user.id, fields);
  const acts = [];
  if (may("roles") && role === "member") acts.push([gettext("Make a moderator"), run(edit({ role: "moderator" }), gettext("%s is a moderator now."))]);
  if (may("roles") && role === "moderator") acts.push([gettext("Make a member again"), run(edit({ role: "member" }), gettext("%s is a member now."))]);
  if (may("mute") && muted) acts.push([gettext("Unmute"), run(edit({ muted_until: null }), gettext("%s may write again."))]);
  else if (may("mute")) acts.push(...MUTES().map(([minutes, label]) => [label, muting(user, label, minutes, (fields) => run(edit(fields), gettext("%s is muted."))())]));
  if (may("transfer")) acts.push([gettext("Hand the room over"), handOver(user, run(edit({ role: "owner" }), gettext("%s owns the room now.")))]);
  if (may("remove")) acts.push([gettext("Remove from the room"), removing(user, room, (reason) => run(() => api.removeMember(room.id, user.id, reason), gettext("%s was removed."))()), true]);
  return acts;
}

function muting(person, label, minutes, act) {
  return async () => {
    const text = interpolate(gettext("%s can read on, and cannot write here meanwhile."), [person.nickname]);
    const reason = await askReason({ title: label, text, action: gettext("Mute"), person });
    if (reason !== null) await act({ muted_until: new Date(Date.now() + minutes * 60_000).toISOString(), reason });
  };
}

function removing(person, room, act) {
  return async () => {
    const again = room.kind === "public" ? gettext("%s leaves the room, but can join it again: it is public.") : gettext("%s leaves the room, and comes back only if somebody brings them in.");
    const reason = await askReason({ title: gettext("Remove from the room"), text: interpolate(again, [person.nickname]), action: gettext("Remove"), person });
    if (reason !== null) await act(reason);
  };
}

function handOver(user, act) {
  return async () => {
    const text = interpolate(gettext("%s will own the room, and you will be a moderator."), [user.nickname]);
    if (await confirmed({ title: gettext("Hand the room over"), text, action: gettext("Hand over") })) await act();
  };
}

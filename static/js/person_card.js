import { api } from "./api.js";
import { dateLabel, distance } from "./dates.js";
import { openDialog } from "./dialogs.js";
import { avatar, el, icon } from "./dom.js";
import { once, resultLine, sentenceOf } from "./fields.js";
import { gettext, interpolate } from "./i18n.js";
import { memberActs, showActs } from "./room_members.js";

/** Who someone is, and what one can do: write in private, mention, block; for moderators also mute, remove, make a moderator. */
export function openPersonCard({ user, room, me, blocks, chatWith, mention, report }) {
  const line = resultLine();
  const face = el("div", { class: "person-face" });
  const notes = el("p", { class: "card-notes" }, "…");
  const buttons = el("div", { class: "card-buttons" });
  const dialog = openDialog({
    title: user.nickname,
    content: el("div", { class: "person-card" }, face, buttons, line.element),
  });
  face.append(avatar(user, 72), notes);
  const draw = (person, member) => {
    face.replaceChildren(avatar(person, 72), notes);
    notes.replaceChildren(...describe(person, member).map((text) => el("span", {}, text)));
    if (person.id === me.id || person.former) return buttons.replaceChildren();
    const leave = (act) => () => (dialog.close(), act());
    const chat = el("button", { type: "button", class: "button primary", onclick: leave(() => chatWith(person)) }, icon("chat"), gettext("Private chat"));
    chat.hidden = person.blocked;
    const name = el("button", { type: "button", class: "button", onclick: leave(() => mention(person)) }, icon("mention"), gettext("Mention"));
    const block = el("button", { type: "button", class: "button" }, icon("mute"), person.blocked ? gettext("Unblock") : gettext("Block"));
    block.addEventListener("click", () => once(block, async () => {
      try {
        await blocks.set(person.id, !person.blocked);
        await load();
      } catch (error) {
        line.fail(error);
      }
    }));
    const flag = el("button", { type: "button", class: "button", onclick: leave(() => report({ user: person })) }, icon("flag"), gettext("Report"));
    buttons.replaceChildren(...[chat, room?.writable && name, block, flag, more(person, member)].filter(Boolean));
  };
  const more = (person, member) => {
    if (!member || !room) return null;
    const acts = memberActs(member, { room, line, again: load });
    if (!acts.length) return null;
    const button = el("button", { type: "button", class: "button", "aria-haspopup": "dialog", onclick: () => showActs(button, acts) }, icon("shield"), gettext("Moderate"));
    return button;
  };
  const load = async () => {
    try {
      const [person, found] = await Promise.all([api.person(user.id), room ? api.members(room.id, { q: user.nickname, limit: 100 }) : { members: [] }]);
      draw(person, found.members.find((member) => member.user.id === user.id));
    } catch (error) {
      notes.textContent = sentenceOf(error);
    }
  };
  load();
}

function describe(person, member) {
  const roles = { owner: gettext("Owner of this room"), moderator: gettext("Moderator of this room") };
  return [
    presence(person),
    roles[member?.role],
    person.is_staff && gettext("Looks after the site"),
    person.is_bot && gettext("Bot"),
    person.is_guest && gettext("Guest"),
    person.blocked && gettext("Blocked by you"),
    !person.former && interpolate(gettext("Here since %s"), [dateLabel(person.created_at)]),
  ].filter(Boolean);
}

function presence(person) {
  if (person.former) return gettext("This account was deleted.");
  if (person.away) return gettext("Away");
  if (person.online) return gettext("Online");
  return person.last_seen_at ? interpolate(gettext("Last seen %s"), [distance(person.last_seen_at)]) : gettext("Not here");
}

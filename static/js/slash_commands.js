import { api } from "./api.js";
import { distance } from "./dates.js";
import { openDialog } from "./dialogs.js";
import { el } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";
import { roomName } from "./rooms.js";
import { usage } from "./slash.js";
import { toast } from "./toasts.js";

const MINUTES = { "": 1, m: 1, min: 1, 分钟: 1, h: 60, 小时: 60, d: 1440, 天: 1440 };
const LASTS = /^(?:(\d{1,5})\s*(m|min|h|d|分钟|小时|天)?(?=\s|$))?\s*(.*)$/su;
const LONGEST_MUTE = 365 * 1440;
const QUOTED = /^[@＠]?["“]([^"”]+)["”]\s*([\s\S]*)$/u;

const can = (ability) => (room) => Boolean(room?.abilities?.includes(ability));
const always = () => true;

/** A sentence that says why a command was not carried out. */
class Refusal extends Error {
  constructor(detail) {
    super(detail);
    Object.assign(this, { code: "invalid", detail });
  }
}

/** `[name, what follows it, what it does, for whom, act(rest, context)]`; what is sent as text is done by slash.js. */
const commands = () => [
  ["me", gettext("does something"), gettext("Say what you do: “Ann waves”"), always],
  ["shrug", gettext("text"), gettext("Put a shrug behind your text"), always],
  ["topic", gettext("text"), gettext("Change the topic of the room"), can("edit"), setTopic],
  ["invite", gettext("name"), gettext("Bring somebody into the room"), can("invite"), invite],
  ["mute", gettext("name [10m, 2h, 1d] [reason]"), gettext("Mute somebody here, for an hour unless you say how long"), can("mute"), mute],
  ["unmute", gettext("name"), gettext("Let somebody write again"), can("mute"), unmute],
  ["msg", gettext("name text"), gettext("Write to somebody in private"), always, message],
  ["join", gettext("room"), gettext("Go into a public room"), always, join],
  ["leave", "", gettext("Leave the room"), always, leave],
  ["nick", gettext("name"), gettext("Change your nickname"), always, rename],
  ["search", gettext("words"), gettext("Search messages"), always, (rest, { search }) => search(rest)],
  ["date", "2026-01-31", gettext("Go to a day of the conversation"), always, goToDate],
  ["help", "", gettext("List the commands"), always, (_rest, context) => showHelp(context.room)],
];

const line = ([name, follows]) => `/${name} ${follows}`.trim();

/** The commands that begin with `wanted` and may be given in `room`, as suggestions. */
export function commandsLike(wanted, room) {
  const found = commands().filter(([name, , , allowed]) => `/${name}`.startsWith(wanted.toLowerCase()) && allowed(room));
  return found.map((command) => ({
    isWhole: `/${command[0]}` === wanted.toLowerCase(),
    insert: command[1] ? `/${command[0]} ` : `/${command[0]}`,
    view: [el("span", { class: "completion-command" }, el("b", {}, `/${command[0]}`), " ", el("span", { class: "completion-follows" }, command[1])), el("span", { class: "completion-note" }, command[2])],
  }));
}

/**
 * Carry out the command `name` with the text after it. Throws an error with a sentence if it was not.
 *
 * `context`: `{room, rooms, people, outbox, connection, chat, composer, search, me}`.
 */
export async function runCommand({ name, rest }, context) {
  const command = commands().find(([known, , , , act]) => known === name && act);
  if (!command) throw new Refusal(interpolate(gettext("There is no command /%s. Write /help for those that there are, or begin with // to send it as text."), [name]));
  const [, follows, , allowed, act] = command;
  if (!allowed(context.room)) throw new Refusal(gettext("You may not do that in this room."));
  if (follows && !rest && !["search", "date"].includes(name)) throw new Refusal(usage(line(command)));
  await act(rest, context, command);
}

// What they do: the same calls as the buttons.

async function setTopic(rest, { room }) {
  await api.editRoom(room.id, { topic: rest });
  toast(gettext("The topic was changed."));
}

async function invite(rest, context) {
  const { user } = await findPerson(rest, context, { whole: true });
  await api.addMember(context.room.id, user.id);
  toast(interpolate(gettext("%s is in the room now."), [user.nickname]));
}

async function mute(rest, context, command) {
  const { user, after } = await findPerson(rest, context);
  const [, count, unit = "", reason] = after.match(LASTS);
  const minutes = count ? Number(count) * MINUTES[unit] : 60;
  // A time with a slip in it is no reason.
  const isMistyped = !count && /^[-+]?\d/u.test(reason);
  if (isMistyped || !minutes || minutes > LONGEST_MUTE) throw new Refusal(usage(line(command)));
  const until = new Date(Date.now() + minutes * 60_000).toISOString();
  await editMember(context.room, user, { muted_until: until, reason });
  toast(interpolate(gettext("%(name)s is muted, ends %(when)s."), { name: user.nickname, when: distance(until) }));
}

async function unmute(rest, context) {
  const { user } = await findPerson(rest, context, { whole: true });
  await editMember(context.room, user, { muted_until: null });
  toast(interpolate(gettext("%s may write again."), [user.nickname]));
}

async function editMember(room, user, changes) {
  try {
    await api.editMember(room.id, user.id, changes);
  } catch (error) {
    if (error.code !== "not_found") throw error;
    throw new Refusal(interpolate(gettext("%s is not in this room."), [user.nickname]));
  }
}

async function message(rest, context, command) {
  const { user, after } = await findPerson(rest, context);
  if (!after) throw new Refusal(usage(line(command)));
  const { rooms, outbox, chat } = context;
  const room = rooms.all.find((known) => known.with?.id === user.id) ?? (await api.direct(user.id));
  outbox.add({ room: room.id, body: after });
  chat.enter(room);
}

async function join(rest, { rooms, chat }) {
  const wanted = low(rest.replace(/^[#＃]/, "").trim());
  const isIt = (room) => room.kind !== "direct" && (low(room.name) === wanted || low(roomName(room)) === wanted);
  const known = rooms.all.find(isIt);
  if (known) return chat.go(known.id);
  const found = (await api.directory({ q: wanted.slice(0, 64) })).rooms.find(isIt);
  if (!found) throw new Refusal(interpolate(gettext("There is no public room called “%s”."), [rest]));
  chat.enter(await api.join(found.id));
}

async function leave(_rest, { room, connection }) {
  if (!connection.live) throw { code: "disconnected" };
  const { leaveRoom } = await import("./leave_room.js");
  await leaveRoom(room);
}

async function rename(rest, { me }) {
  const answer = await api.updateMe({ nickname: rest }).catch((error) => {
    const [sentence] = error.fields?.nickname ?? [];
    throw sentence ? new Refusal([sentence, error.suggestion && interpolate(gettext("%s is free."), [error.suggestion])].filter(Boolean).join(" ")) : error;
  });
  Object.assign(me, answer.user ?? answer);
  toast(interpolate(gettext("You are %s now."), [rest]));
}

async function goToDate(rest, context) {
  const { askForDate, goTo } = await import("./go_to_date.js");
  return rest ? goTo(rest, context) : askForDate(context);
}

function showHelp(room) {
  const rows = commands().filter(([, , , allowed]) => allowed(room));
  const list = el("dl", { class: "command-list" }, rows.map((command) => el("div", {}, el("dt", {}, el("code", {}, line(command))), el("dd", {}, command[2]))));
  openDialog({ title: gettext("Commands"), content: [list, el("p", { class: "field-note" }, gettext("Begin with // to send a text that begins with a slash."))] });
}

// Who is meant.

const low = (text) => text.toLocaleLowerCase();

/** `{user, after}`: the person that a text begins with, and what follows. With `whole` the text is nothing but the name. */
async function findPerson(text, { people, room, rooms }, { whole = false } = {}) {
  const [, quoted, behind] = text.match(QUOTED) ?? [];
  const bare = text.replace(/^[@＠]/, "");
  const known = [...people.in(room.id).map(({ user }) => user), ...rooms.all.map((one) => one.with).filter(Boolean)].filter((user) => !user.former);
  const begins = (user) => low(bare).startsWith(low(user.nickname)) && /^(\s|$)/.test(bare.slice(user.nickname.length));
  const longest = (users) => (quoted || whole ? undefined : users.filter(begins).sort((a, b) => b.nickname.length - a.nickname.length)[0]);
  const named = (user) => ({ user, after: bare.slice(user.nickname.length).trim() });
  if (longest(known)) return named(longest(known));
  const name = quoted ?? (whole ? bare.trim() : bare.split(/\s/, 1)[0]);
  const after = quoted ? behind : whole ? "" : bare.slice(name.length).trim();
  const isIt = (user) => low(user.nickname) === low(name);
  if (known.some(isIt)) return { user: known.find(isIt), after };
  const { users } = await api.users({ q: name.slice(0, 32) });
  if (longest(users)) return named(longest(users));
  const user = users.find(isIt);
  if (!user) throw new Refusal(interpolate(gettext("There is nobody called “%s”."), [name]));
  return { user, after };
}

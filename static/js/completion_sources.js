import { api } from "./api.js";
import { avatar, el, icon } from "./dom.js";
import { fetched } from "./page.js";
import { roomName } from "./rooms.js";

const PEOPLE = /(?:^|[\s(（，。])[@＠]([^\s@＠]{0,32})$/u;
const PEOPLE_OF_A_COMMAND = /^\/(?:invite|mute|unmute|msg)\s+([^\s@＠]{0,32})$/iu;
const ROOMS = /(?:^|[\s(（，。])#([^\s#]{0,32})$/u;
const ROOMS_OF_A_COMMAND = /^\/join\s+([^#\n]{0,40})$/iu;
const EMOJI = /(?:^|[\s(（，。])(:(?:[a-z0-9_+-]{2,32}:?|\p{Script=Han}{1,8}))$/iu;
const COMMANDS = /^(\/\p{L}{0,16})$/u;

const low = (text) => text.toLocaleLowerCase();
const nicknameOf = (user) => user.nickname;

/** Those of `things` whose name has `wanted` in it, those that begin with it first. A name typed in full needs no help. */
function matching(things, nameOf, wanted) {
  const text = low(wanted);
  const found = things.filter((thing) => low(nameOf(thing)).includes(text));
  if (found.some((thing) => low(nameOf(thing)) === text)) return [];
  return found.sort((a, b) => low(nameOf(b)).startsWith(text) - low(nameOf(a)).startsWith(text));
}

/** What is completed in the box. `people()` answers with the users of the open room, `room()` with its ROOM. */
export function completionSources({ people, rooms, room }) {
  const person = (sign) => (user) => ({ insert: `${sign}${user.nickname} `, view: [avatar(user, 24), el("span", { dir: "auto" }, user.nickname)] });
  const persons = (sign) => (wanted, { input }) => each(/^\/invite\s/i.test(input) ? strangers(wanted, people()) : members(wanted, people(), room()), person(sign));
  return [
    { begun: COMMANDS, most: 20, find: (wanted) => later(fetched("slash_commands", () => import("./slash_commands.js")), ({ commandsLike }) => commandsLike(wanted, room())) },
    { begun: PEOPLE, find: persons("") },
    { begun: PEOPLE_OF_A_COMMAND, find: persons("@") },
    { begun: ROOMS, find: (wanted) => each(publicRooms(wanted, rooms), roomChoice("")) },
    { begun: ROOMS_OF_A_COMMAND, find: (wanted) => each(publicRooms(wanted, rooms), roomChoice("#")) },
    { begun: EMOJI, find: (wanted) => later(fetched("emoji_data", () => import("./emoji_data.js")), ({ emojiFor }) => emojiFor(wanted)) },
  ];
}

/** What a module finds once it is here; nothing, where it cannot be loaded now. */
async function* later(module, find) {
  yield module.then(find).catch(() => []);
}

async function* each(lists, choice) {
  for await (const list of lists) yield list.map(choice);
}

/** People of the room: those known to the page, and where these are not all, those that the server finds. */
async function* members(wanted, known, room) {
  const found = matching(known, nicknameOf, wanted);
  yield found;
  const isWhole = known.some((user) => low(user.nickname) === low(wanted));
  if (!wanted || isWhole || found.length >= 8 || room.members <= known.length) return;
  const { members: others } = await api.members(room.id, { q: wanted, limit: 8 }).catch(() => ({ members: [] }));
  const ids = new Set(known.map((user) => user.id));
  yield [...found, ...others.map(({ user }) => user).filter((user) => !ids.has(user.id) && !user.former)];
}

let strangersBefore = [];

/** People of the site who are not in the room: of those found before, and then those that the server finds. */
async function* strangers(wanted, present) {
  const ids = new Set(present.map((user) => user.id));
  yield matching(strangersBefore.filter((user) => !ids.has(user.id)), nicknameOf, wanted);
  const { users } = await api.users({ q: wanted, limit: 20 }).catch(() => ({ users: [] }));
  strangersBefore = users.filter((user) => !ids.has(user.id));
  yield strangersBefore;
}

/** The Lobby is found by its stored name, too, whatever it is called in the page's language. */
const namesOf = (room) => (room.default ? `${roomName(room)} Lobby` : roomName(room));

const roomChoice = (sign) => (room) => ({
  insert: `${sign}${room.name} `, view: [icon("hash"), el("span", { dir: "auto" }, roomName(room))],
});

/**
 * Public rooms: what is written goes to others, who may not know of another. One's own at once; where they are few, of
 * the directory too, if there is a connection.
 */
async function* publicRooms(wanted, rooms) {
  const mine = matching(rooms.all.filter((room) => room.kind === "public" && !room.archived), namesOf, wanted);
  yield mine;
  if (!wanted || mine.length >= 4 || mine.some((room) => low(room.name) === low(wanted))) return;
  const { rooms: others } = await api.directory({ q: wanted, limit: 8 }).catch(() => ({ rooms: [] }));
  yield [...mine, ...matching(others.filter(({ id }) => !rooms.get(id)), roomName, wanted)];
}

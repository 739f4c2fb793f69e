import { api } from "./api.js";
import { offerAppearance } from "./appearance.js";
import { Attach } from "./attach.js";
import { isPicture, showAgain } from "./attachments.js";
import { Blocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { showConnection } from "./connection_bar.js";
import { el, loadStyle } from "./dom.js";
import { Drafts } from "./drafts.js";
import { watchIdle } from "./idle.js";
import { showJump } from "./jump.js";
import { gettext, interpolate } from "./i18n.js";
import "./install.js";
import { listenToKeys } from "./keys.js";
import { MessageActions } from "./message_actions.js";
import { sayEnded } from "./notices.js";
import { Outbox } from "./outbox.js";
import { byId, fetched, nextTask, page } from "./page.js";
import { PanelTabs } from "./panel_tabs.js";
import { People } from "./people.js";
import { PeoplePanel } from "./people_panel.js";
import { Reads } from "./reads.js";
import { RoomHead } from "./room_head.js";
import { RoomPage } from "./room_page.js";
import { roomName, roomPath, Rooms } from "./rooms.js";
import { Sidebar } from "./sidebar.js";
import { SlowMode } from "./slow_mode.js";
import { keep, recall } from "./storage.js";
import { Timeline } from "./timeline.js";
import { complain, toast } from "./toasts.js";
import { welcome } from "./timeline_lines.js";
import { Typing } from "./typing.js";
import { build, lookForNewVersion, onWorker, worker } from "./worker_line.js";

const me = page.user;
await nextTask();

// What is known, and the line it comes over.
const blocks = new Blocks(page.blocked);
const rooms = new Rooms(me, { order: page.room_order, isBlocked: (id) => blocks.has(id) });
const people = new People(me);
const connection = new Connection({ held: (which) => rooms.held(which), ticker: byId("app").dataset.ticker });
const outbox = new Outbox({ me, connection });
const drafts = new Drafts(me);
const reads = new Reads({ rooms, connection });
await nextTask();

// What is shown.
const typing = new Typing({ line: byId("typing"), me, connection });
const timeline = new Timeline({ scroller: byId("timeline"), list: byId("messages"), people, blocks, outbox, me });
const attach = new Attach({ outbox, connection, isBarred: () => Boolean(composer.room?.barrier) });
const composer = new Composer({
  outbox, drafts, typing, connection, people, rooms, attach,
  onSend: () => timeline.toEnd(),
  onReword: (...edit) => timeline.reword(...edit),
  onEmptyUp: () => actions.editLast(),
  onUnblock: (user) => blocks.set(user.id, false).catch(complain),
  onCommand: (command) => runCommand(command),
});
const report = (what) => open("report", ({ openReport }) => openReport(what));
const showCard = (user) => open("person_card", ({ openPersonCard }) => openPersonCard({
  user, me, blocks, room: rooms.get(chat.id), chatWith: (other) => panel.chatWith(other), mention: (other) => composer.mention(other), report,
}));
const actions = new MessageActions({
  list: byId("messages"), timeline, composer, connection, outbox, reads, me, people, showCard, report, pickEmoji,
  showVersions: (message) => open("versions", ({ openVersions }) => openVersions(message)),
  room: () => rooms.get(chat.id),
  takeDown: (message) => open("ask_reason", ({ takeDown }) => takeDown(message, (command) => actions.command(command))),
  whyTold: (message) => open("told_dialog", ({ showTold }) => showTold(message, { room: rooms.get(message.room), openSettings, openMySettings })),
});
const openSettings = (room, first) => open("room_settings", ({ openRoomSettings }) => openRoomSettings({ room, rooms, me, first }));
const findRooms = (query = "") => open("directory", ({ openDirectory }) => openDirectory({ rooms, query, enter: (room) => chat.enter(room), make: () => newRoom() }));
const searchMessages = (query = "") => open("search", ({ openSearch }) => openSearch({
  rooms, query, room: rooms.get(chat.id),
  go: (room, seq) => (rooms.get(room.id) ? chat.go(room.id, seq) : location.assign(roomPath(room, seq))),
}));
const listKeys = () => open("key_list", ({ showKeys }) => showKeys());
const newRoom = (kind) => open("new_room", ({ askForRoom }) => askForRoom({ me, kind, made: (room) => chat.enter(room) }));
const sidebar = new Sidebar({
  rooms, drafts, people, searchAll: findRooms,
  menu: (room, anchor) => open("room_menu", ({ showRoomMenu }) => showRoomMenu(room, { rooms, reads, sidebar, openSettings }, anchor)),
});
const panel = new PeoplePanel({ people, rooms, me, showCard, chatWith: (user) => chat.chatWith(user) });
const goTo = (id, seq) => panel.leaveFor(() => chat.go(id, seq));
const viewPictures = (pictures, at) => open("viewer", ({ openViewer }) => openViewer({ pictures, at, go: ({ room, seq }) => goTo(room, seq) }));
const tabs = new PanelTabs({
  panel,
  fetchPart: async (name, element) => {
    const context = { element, go: goTo, view: viewPictures, isBlocked: (id) => blocks.has(id) };
    if (name === "files") return (await LATER.files()).makeFilesPanel(context);
    const unpin = (message) => actions.command({ type: "message.unpin", id: message.id });
    return (await LATER.pins()).makePinsPanel({ ...context, unpin, mayUnpin: (id) => Boolean(rooms.get(id)?.writable) });
  },
});
const head = new RoomHead({ rooms });
const slow = new SlowMode({ rooms, outbox });
const chat = new RoomPage({ rooms, timeline, composer, typing, reads, blocks, parts: [sidebar, panel, tabs, head, slow] });

// What is not needed at once is fetched when it is asked for.
const LATER = {
  account_nudge: () => import("./account_nudge.js"),
  ask_reason: () => import("./ask_reason.js"),
  directory: () => import("./directory.js"),
  emoji_picker: () => import("./emoji_picker.js"),
  files: () => import("./files_panel.js"),
  key_list: () => import("./key_list.js"),
  held_back: () => import("./held_back.js"),
  go_to_date: () => import("./go_to_date.js"),
  new_room: () => import("./new_room.js"),
  new_version: () => import("./new_version.js"),
  pins: () => import("./pins_panel.js"),
  person_card: () => import("./person_card.js"),
  push_device: () => import("./push_device.js"),
  report: () => import("./report.js"),
  room_menu: () => import("./room_menu.js"),
  room_settings: () => styled(import("./room_settings.js")),
  search: () => import("./search.js"),
  settings: () => styled(import("./settings.js")),
  slash_commands: () => import("./slash_commands.js"),
  state_keeper: () => import("./state_keeper.js"),
  taken_away: () => import("./taken_away.js"),
  told_dialog: () => styled(import("./told_dialog.js")),
  versions: () => import("./versions.js"),
  viewer: () => import("./viewer.js"),
};

/** A dialog whose looks are in a style sheet of its own. */
async function styled(module) {
  const [parts] = await Promise.all([module, loadStyle("settings")]);
  return parts;
}

/** Have what is in `LATER`. Somebody who has just asked for it sees that it is on its way. */
async function open(name, use) {
  const bar = el("div", { class: "waiting", role: "progressbar", "aria-label": gettext("Loading") });
  if (navigator.userActivation?.isActive) document.body.append(bar);
  const parts = await fetched(name, LATER[name]).catch(() => null);
  bar.remove();
  if (parts) use(parts);
  else complain({ code: "unreachable" });
}

function pickEmoji(anchor, picked) {
  open("emoji_picker", ({ pickEmoji: pick }) => pick(anchor, picked).catch(complain));
}

async function runCommand(command) {
  const room = rooms.get(chat.id);
  const commands = await fetched("slash_commands", LATER.slash_commands).catch(() => Promise.reject({ code: "unreachable" }));
  await commands.runCommand(command, { room, rooms, people, outbox, connection, chat, composer, me, search: searchMessages });
}

function route(event) {
  people.take(event);
  blocks.take(event);
  rooms.take(event);
  tabs.take(event);
  if (event.type === "typing.changed") typing.take(event);
  if (event.type === "room.synced") outbox.arrived(event.room, { upto: rooms.state(event.room).last });
  teller?.take(event);
  if (event.type === "report.closed") open("report", ({ sayOutcome }) => sayOutcome(event.report));
  if (event.type === "message.refused") {
    outbox.turnedDown(event.ref, event.detail);
    toast(event.detail);
  }
  if (event.type === "moderated") chat.moderated(event);
  if (event.type === "rights.updated" || event.type === "welcome") takeRights(event);
  if (event.type === "user.updated" && event.user.id === me.id && !event.user.former) {
    showMe();
    open("taken_away", ({ lookForTaken }) => lookForTaken({ me, openMySettings }));
  }
}

/** Whether one looks after the site: the way to the desk comes and goes with it. */
function takeRights({ is_staff: isStaff = page.is_staff, is_admin: isAdmin = page.is_admin }) {
  Object.assign(page, { is_staff: isStaff, is_admin: isAdmin });
  byId("desk-link").hidden = !isStaff;
  const room = rooms.get(chat.id);
  if (room) timeline.allow(room);
}

function showMe() {
  byId("me-name").textContent = me.nickname;
  byId("me-avatar").src = me.avatar_url;
  if (!me.is_guest) for (const line of document.querySelectorAll("#me-menu .guest-only")) line.remove();
}

let teller = null;
let keeper = null;

connection.addEventListener("event", ({ detail }) => route(detail));
connection.addEventListener("ready", () => panel.load());
connection.addEventListener("ready", () => showAgain(byId("messages")));
connection.addEventListener("ready", () => outbox.ready.then(() => outbox.held.length && open("held_back", ({ askAfterHeld }) => askAfterHeld({ outbox, rooms, chat }))));
connection.addEventListener("ready", () => recall("reported") && open("report", ({ sayOutcomes }) => sayOutcomes()));
connection.addEventListener("ended", ({ detail }) => {
  sayEnded(detail);
  if (detail.reason !== "protocol") forgetMe();
});
rooms.addEventListener("sync", ({ detail }) => connection.send({ type: "room.sync", ...detail }));
rooms.addEventListener("fresh", ({ detail: { room, message } }) => {
  if (outbox.has(message.ref)) timeline.rows.sentRef = message.ref;
  outbox.arrived(room, { ref: message.ref, upto: rooms.state(room).last });
  if (message.author) typing.spoke(room, message.author.id);
});
rooms.addEventListener("room", ({ detail }) => outbox.arrived(detail, { upto: rooms.state(detail).last }));
outbox.addEventListener("sent", ({ detail: { room } }) => room && outbox.arrived(room, { upto: rooms.state(room).last }));
people.addEventListener("moved", ({ detail }) => {
  const others = (users) => users.filter((user) => user.id !== me.id);
  if (detail.room === chat.id && rooms.get(detail.room)?.kind !== "direct") {
    timeline.tellPresence({ joined: others(detail.joined), left: others(detail.left) });
  }
});
timeline.addEventListener("seen", ({ detail }) => reads.seen(detail));
timeline.addEventListener("moved", () => actions.makeReachable());

byId("messages").addEventListener("click", (event) => {
  const link = event.target.closest("a[data-picture]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  showPicture(Number(link.dataset.picture));
});
byId("new-room").addEventListener("click", () => newRoom());
byId("find-rooms").addEventListener("click", () => findRooms());
byId("room-settings").addEventListener("click", () => openSettings(rooms.get(chat.id)));
byId("search-messages").addEventListener("click", () => searchMessages());
byId("pick-emoji").addEventListener("click", ({ currentTarget }) => pickEmoji(currentTarget, (emoji) => composer.insert(emoji)));
byId("messages").addEventListener("click", ({ target }) => {
  const { day } = target.closest("[data-day]")?.dataset ?? {};
  if (day) open("go_to_date", ({ askForDate }) => askForDate({ room: rooms.get(chat.id), chat }, day));
});
byId("invite").addEventListener("click", () => openSettings(rooms.get(chat.id), "invite"));
byId("open-settings").addEventListener("click", () => openMySettings());
for (const choice of document.querySelectorAll("#order-choice [data-order]")) choice.addEventListener("click", () => orderBy(choice.dataset.order));
rooms.addEventListener("list", showOrder);
byId("show-keys").addEventListener("click", () => {
  byId("me-menu").hidePopover();
  listKeys();
});

listenToKeys({
  find: () => {
    chat.pane("rooms");
    sidebar.filter.focus();
    sidebar.filter.select();
  },
  people: () => panel.toggle(),
  keys: () => listKeys(),
  search: () => searchMessages(),
  attach: () => attach.pick(),
  settings: () => openMySettings(),
  previous: () => chat.step(sidebar.ids, -1),
  next: () => chat.step(sidebar.ids, 1),
  previousUnread: () => chat.stepUnread(sidebar.ids, -1),
  nextUnread: () => chat.stepUnread(sidebar.ids, 1),
  firstUnread: () => timeline.newSeq && timeline.goTo(timeline.newSeq),
  newest: () => timeline.toEnd(),
});

function openMySettings(first) {
  byId("me-menu").hidePopover();
  open("settings", ({ openSettings: show }) => show({ me, blocks, first }));
}

/** Show a picture of the open room large, among those around it. */
function showPicture(id) {
  const shown = timeline.state.messages.filter(({ author }) => author && !blocks.has(author.id));
  const pictures = shown.flatMap(({ attachments = [], author, created_at, room, seq }) => attachments.filter(isPicture).map((file) => ({ file, author, created_at, room, seq })));
  const at = pictures.findIndex(({ file }) => file.id === id);
  if (at >= 0) viewPictures(pictures, at);
}

/** By hand one begins with the order that there is. */
function orderBy(order) {
  const { ids } = sidebar;
  rooms.order = order;
  rooms.tell("list");
  const unplaced = order === "hand" && rooms.all.every((room) => room.position === null);
  if (unplaced) sidebar.store(ids);
  else api.orderRooms(order).catch(complain);
}

function showOrder() {
  for (const choice of document.querySelectorAll("#order-choice [data-order]")) {
    choice.setAttribute("aria-pressed", String(choice.dataset.order === rooms.order));
  }
}

async function begin() {
  rooms.epoch = page.epoch;
  rooms.map = new Map(page.rooms.map((room) => [room.id, room]));
  // A link to a public room brings one in, unless it is archived.
  if (!rooms.get(page.room)) {
    rooms.put(await api.join(page.room));
    toast(interpolate(gettext("You joined %s."), [roomName(rooms.get(page.room))]));
  }
  people.meet(me);
  for (const message of page.messages) people.meet(message.author);
  if (page.members) people.fill(page.room, page.members);
  const state = rooms.state(page.room);
  state.replace({ messages: page.messages, head: page.head });
  state.last = page.head.change;
  sidebar.draw();
  offerAppearance();
  showOrder();
  watchIdle({ connection });
  if (me.is_guest) open("account_nudge", ({ nudgeGuest }) => nudgeGuest({ me, outbox, openSettings: openMySettings }));
  showConnection({ connection, outbox });
  showJump(timeline);
  if (page.shell) fillShell();
  chat.begin(page.room, page.at).then(greet);
  if (page.taken_away) open("taken_away", ({ sayTaken }) => sayTaken(page.taken_away, { me, openMySettings }));
  connection.start();
  // Where these files cannot be had, the next page that is loaded has them.
  import("./teller.js").then(attend, () => {});
}

/** What tells of new messages, and what keeps the page for when there is no network: not needed to paint it. */
async function attend({ Teller }) {
  teller = new Teller({ rooms, connection, timeline, chat, me });
  if (!(await worker())) return;
  navigator.serviceWorker.ready.then(() => open("state_keeper", ({ StateKeeper }) => (keeper = new StateKeeper({ me, rooms, people, blocks, chat }))));
  onWorker("open", ({ url, room, seq }) => (rooms.get(room) ? chat.go(room, seq) : location.assign(url)));
  const renew = () => recall(`push ${me.id}`) && open("push_device", ({ renewDevice }) => renewDevice(me));
  onWorker("subscribe", renew);
  onWorker("version", ({ version }) => version !== build && open("new_version", ({ offerNewVersion }) => offerNewVersion()));
  connection.addEventListener("ready", lookForNewVersion);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && lookForNewVersion());
  if (!page.shell) renew();
}

/** A page that came up without the server has what belongs to nobody in it. */
function fillShell() {
  showMe();
  for (const [id, messages] of Object.entries(page.windows)) {
    const room = rooms.get(Number(id));
    if (room && room.id !== page.room) rooms.state(room.id).replace({ messages, head: room.head });
  }
  const token = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1] ?? "";
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  for (const field of document.querySelectorAll("#me-menu [name=next]")) field.value = location.pathname;
}

/** Signed out: nothing of this person stays in the browser but what was not sent yet. */
function forgetMe() {
  keeper?.end();
  worker().then((registration) => registration?.active?.postMessage({ type: "forget" }));
}

/** One line for those who are here for the first time. */
function greet() {
  const key = `welcomed ${me.id}`;
  if (recall(key)) return;
  keep(key, "1");
  timeline.append(welcome(me, rooms.get(chat.id)));
}

begin().catch((error) => {
  if (!error.code) throw error;
  sayEnded({ reason: "refused", detail: error.detail });
});

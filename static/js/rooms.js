import { api } from "./api.js";
import { gettext } from "./i18n.js";
import { RoomState } from "./room_state.js";

const WINDOWS_KEPT = 8;

/** Where a room's page is, with its name for people to read. */
export const roomPath = (room, seq = null) => `/rooms/${room.id}${room.slug ? `-${encodeURI(room.slug)}` : ""}/${seq ? `${seq}/` : ""}`;

/** The default room's name is translated in personal answers and raw in what goes to everyone. */
export function roomName(room) {
  if (room.kind === "direct") return room.with.nickname;
  return room.default && room.name === "Lobby" ? gettext("Lobby") : room.name;
}

/**
 * My rooms: a ROOM and a RoomState for each. Never touches the page.
 *
 * Events: "list" (rooms came, went or moved); "room" (detail: the id of one that changed); "fresh" (detail: {room,
 * message}); "left" (detail: {room, reason}); "sync" (detail: {room, since}: to be asked of the server).
 */
export class Rooms extends EventTarget {
  /** `isBlocked(id)` tells whom I do not want to hear of. */
  constructor(me, { order = "activity", isBlocked = () => false } = {}) {
    super();
    Object.assign(this, { me, order, isBlocked });
    this.epoch = null;
    this.map = new Map();
    this.states = new Map();
    this.gone = new Map();
    this.recent = [];
  }

  get all() {
    return [...this.map.values()];
  }

  get(id) {
    return this.map.get(id);
  }

  state(id) {
    if (!this.states.has(id)) this.states.set(id, this.makeState(id));
    return this.states.get(id);
  }

  makeState(id) {
    const head = this.map.get(id)?.head;
    const state = new RoomState(id, { head, loadPage: (query) => api.messages(id, query) });
    state.addEventListener("gap", ({ detail }) => this.tell("sync", { room: id, since: detail }));
    state.addEventListener("head", () => this.tell("room", id));
    state.addEventListener("fresh", ({ detail }) => this.freshened(id, detail));
    return state;
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Remember which windows are in use, and let go of the oldest. */
  opened(id) {
    this.recent = [id, ...this.recent.filter((other) => other !== id)];
    for (const old of this.recent.splice(WINDOWS_KEPT)) this.states.get(old)?.forget();
  }

  /** What to resume from: the rooms whose windows are held, or all of them. */
  held({ all = false } = {}) {
    const rooms = {};
    for (const [id, state] of this.states) if ((all || state.loaded) && !state.resetting) rooms[id] = state.last;
    return this.epoch ? { epoch: this.epoch, rooms } : { rooms };
  }

  /** How many messages are unread; what was deleted meanwhile is none. */
  unread(id) {
    const room = this.map.get(id);
    if (!room) return 0;
    const gone = (room.unread_deleted ?? 0) + (this.gone.get(id)?.count ?? 0);
    return Math.max(0, this.state(id).head - room.read_seq - gone);
  }

  /** A message was deleted (`by` 1) or restored (-1) that is unread: the server has counted up to a change. */
  recount(id, { seq, change }, by) {
    const room = this.map.get(id);
    if (!room || seq <= room.read_seq || change <= Math.max(room.counted ?? room.head.change, this.state(id).last)) return;
    const gone = this.gone.get(id) ?? { count: 0, flips: new Map() };
    const { change: last = 0, by: before = 0 } = gone.flips.get(seq) ?? {};
    if (change <= last) return;
    gone.flips.set(seq, { change, by: before + by });
    gone.count += by;
    this.gone.set(id, gone);
    this.tell("room", id);
  }

  /** Of what is deleted or restored forget what was up to `change`, or has a number up to `seq`. */
  forgetFlips(id, { change = 0, seq = 0 }) {
    const gone = this.gone.get(id);
    for (const [number, flip] of gone?.flips ?? []) {
      if (flip.change > change && number > seq) continue;
      gone.flips.delete(number);
      gone.count -= flip.by;
    }
  }

  /** How much of it calls for me: in a muted room only what names me. */
  calling(id) {
    const unread = this.unread(id);
    const { notify, mentions = 0 } = this.map.get(id) ?? {};
    return notify === "none" ? Math.min(mentions, unread) : unread;
  }

  get totalCalling() {
    return this.all.reduce((total, room) => total + this.calling(room.id), 0);
  }

  put(room) {
    const fresh = room.head && { unread_deleted: 0, counted: room.head.change };
    if (fresh) this.forgetFlips(room.id, { change: room.head.change });
    this.map.set(room.id, { ...this.map.get(room.id), ...fresh, ...room });
  }

  // Server events.

  take(event) {
    const handler = this[`on_${event.type.replace(".", "_")}`];
    if (handler) handler.call(this, event);
  }

  on_welcome({ epoch, rooms, user, room_order: order }) {
    if (order) this.order = order;
    const another = this.epoch !== null && epoch !== this.epoch;
    this.epoch = epoch;
    if (user) Object.assign(this.me, user);
    const present = new Set(rooms.map((room) => room.id));
    for (const id of [...this.map.keys()]) if (!present.has(id)) this.drop(id, "gone");
    this.map = new Map(rooms.map((room) => [room.id, room]));
    this.gone.clear();
    for (const room of rooms) this.resume(room, another);
    this.tell("list");
  }

  resume(room, anotherEpoch) {
    const state = this.state(room.id);
    if (!state.loaded) state.adopt(room.head);
    else if (anotherEpoch) state.reset({ toNewest: true });
  }

  on_room_synced(event) {
    const again = this.state(event.room).synced(event);
    if (again !== null) this.tell("sync", { room: event.room, since: again });
  }

  on_message_created(event) {
    this.state(event.room).accept(event);
  }

  on_message_updated(event) {
    if (event.restored) this.recount(event.room, event.message, -1);
    this.state(event.room).accept(event);
  }

  on_message_deleted(event) {
    if (!event.again) this.recount(event.room, event.message, 1);
    this.state(event.room).accept(event);
  }

  freshened(id, message) {
    const room = this.map.get(id);
    if (!room) return;
    if (message.author?.id === this.me.id && message.kind !== "system") this.advance(room, message.seq);
    else if (this.isNewMention(room, message)) room.mentions = (room.mentions ?? 0) + 1;
    room.activity = Date.parse(message.created_at);
    this.tell("fresh", { room: id, message });
    if (this.latest !== id) this.tell("list");
    this.latest = id;
  }

  /** What was said before the ROOM was made is in its count already. */
  isNewMention(room, message) {
    if (this.isBlocked(message.author?.id)) return false;
    return message.seq > room.head.seq && (message.mentions_all || message.mentions?.includes(this.me.id));
  }

  /** Up to `seq` nothing is unread, nor deleted among it. */
  advance(room, seq) {
    const { messages, head } = this.state(room.id);
    const flips = this.gone.get(room.id)?.flips;
    const counted = (one) => Number(Boolean(one.deleted_at)) - (flips?.get(one.seq)?.by ?? 0);
    const passed = messages.filter((one) => one.seq > room.read_seq && one.seq <= seq).reduce((sum, one) => sum + counted(one), 0);
    this.forgetFlips(room.id, { seq });
    room.read_seq = Math.max(room.read_seq, seq);
    room.unread_deleted = room.read_seq < head ? Math.max(0, (room.unread_deleted ?? 0) - passed) : 0;
  }

  on_read_updated({ room: id, seq, mentions, version, unread_deleted, change }) {
    const room = this.map.get(id);
    if (!room || version < room.version) return;
    if (version === room.version && seq < room.read_seq) return;
    Object.assign(room, { read_seq: seq, mentions, version, unread_deleted, counted: change });
    this.forgetFlips(id, { seq, change });
    this.tell("room", id);
  }

  /** Show as read at once; the server is told when it may be. */
  markRead(id, seq) {
    const room = this.map.get(id);
    this.advance(room, seq);
    if (room.read_seq >= this.state(id).head) room.mentions = 0;
    this.tell("room", id);
  }

  on_room_joined({ room }) {
    this.put(room);
    const state = this.state(room.id);
    if (!state.loaded && state.last < room.head.change) state.adopt(room.head);
    this.tell("list");
  }

  on_room_updated({ room }) {
    const known = this.map.get(room.id);
    if (!known) return;
    // It goes to everyone, and speaks of plain members: some may write where only moderators do.
    this.put({ ...room, writable: !room.archived && (room.writable || Boolean(known.abilities?.includes("speak"))) });
    this.tell("room", room.id);
    if (room.archived !== known.archived) this.tell("list");
  }

  on_membership_updated({ type, room: id, ...mine }) {
    const room = this.map.get(id);
    if (!room) return;
    Object.assign(room, mine);
    this.tell("room", id);
    this.tell("list");
  }

  on_rooms_ordered({ order, positions }) {
    this.order = order;
    for (const room of this.map.values()) room.position = positions[room.id] ?? null;
    this.tell("list");
  }

  on_room_left({ room, reason }) {
    this.drop(room, reason);
    this.tell("list");
  }

  drop(id, reason) {
    this.map.delete(id);
    this.states.delete(id);
    this.tell("left", { room: id, reason });
  }

  on_presence_changed({ room: id, online }) {
    const room = this.map.get(id);
    if (!room) return;
    room.online = online;
    this.tell("room", id);
  }

  on_user_updated({ user }) {
    for (const room of this.map.values()) if (room.with?.id === user.id) room.with = user;
    if (user.id === this.me.id) Object.assign(this.me, user);
    this.tell("list");
  }
}

import { api } from "./api.js";
import { byName } from "./i18n.js";

/**
 * Who is who, and who of a room is online. Never touches the page.
 *
 * Events: "user" (detail: a USER whose name or face changed); "members" (detail: the id of a room whose people changed);
 * "moved" (detail: {room, joined, left}: who just came and went); "gone" (detail: {room, user}: an id: who is in it no more).
 */
export class People extends EventTarget {
  constructor(me = null) {
    super();
    this.me = me;
    this.users = new Map();
    this.rooms = new Map();
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  meet(user) {
    if (user) this.users.set(user.id, user);
    return user;
  }

  name(id) {
    return this.users.get(id)?.nickname ?? "";
  }

  /** Members of a room: `[{user, online, role}]`, online first, then by name. */
  in(room) {
    const members = [...(this.rooms.get(room)?.values() ?? [])];
    for (const member of members) member.user = this.users.get(member.user.id) ?? member.user;
    return members.sort((a, b) => b.online - a.online || byName(a.user.nickname, b.user.nickname));
  }

  fill(room, members) {
    for (const { user } of members) this.meet(user);
    // Who looks at the page is here, also before the site has noticed it.
    this.rooms.set(room, new Map(members.map((member) => [member.user.id, { ...member, online: member.online || member.user.id === this.me?.id }])));
    this.tell("members", room);
  }

  /** More members of a room, behind those who are known. */
  extend(room, members) {
    const known = this.rooms.get(room) ?? new Map();
    this.fill(room, [...known.values(), ...members.filter((member) => !known.has(member.user.id))]);
  }

  async load(room) {
    const { members, next } = await api.members(room);
    this.fill(room, members);
    return next;
  }

  take(event) {
    if (event.type === "presence.changed") this.moved(event);
    if (event.type === "member.updated") this.change(event.room, event.user, { role: event.role });
    if (event.type === "user.updated") this.updated(event.user);
    if (event.message?.author) this.meet(event.message.author);
  }

  updated(user) {
    this.meet(user);
    this.tell("user", user);
    for (const [room, members] of this.rooms) if (members.has(user.id)) this.tell("members", room);
  }

  change(room, user, fields) {
    const member = this.rooms.get(room)?.get(user);
    if (fields.role === null) this.rooms.get(room)?.delete(user);
    else if (member) Object.assign(member, fields);
    if (fields.role === null) this.tell("gone", { room, user });
    if (member) this.tell("members", room);
  }

  moved({ room, joined, left, away, active }) {
    const members = this.rooms.get(room);
    for (const id of away ?? []) Object.assign(members?.get(id) ?? {}, { away: true });
    for (const id of active ?? []) Object.assign(members?.get(id) ?? {}, { away: false });
    for (const user of joined ?? []) this.mark(members, user, true);
    for (const user of left ?? []) this.mark(members, user, false);
    if (members) this.tell("members", room);
    if (joined?.length || left?.length) this.tell("moved", { room, joined: joined ?? [], left: left ?? [] });
  }

  mark(members, user, online) {
    this.meet(user);
    if (!members) return;
    const member = members.get(user.id);
    if (member) Object.assign(member, { online, away: online && member.away }, online ? {} : { last_seen_at: new Date().toISOString() });
    else if (online) members.set(user.id, { user, online, role: "member" });
  }
}

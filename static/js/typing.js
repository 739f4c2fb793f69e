import { gettext, interpolate } from "./i18n.js";

const TELL_EVERY = 3000;
const LAPSE = 6000;
const HUSH = 1200;

function sentence(names) {
  if (names.length === 1) return interpolate(gettext("%s is typing…"), names);
  if (names.length === 2) return interpolate(gettext("%s and %s are typing…"), names);
  return gettext("Several people are typing…");
}

/** Who is typing in the open room, and that I am. */
export class Typing {
  constructor({ line, me, connection }) {
    Object.assign(this, { line, me, connection });
    this.rooms = new Map();
    this.spokeAt = new Map();
    this.toldAt = 0;
  }

  open(room) {
    this.room = room;
    this.draw();
  }

  take({ room, users }) {
    const typists = this.rooms.get(room) ?? new Map();
    this.rooms.set(room, typists);
    const silent = (user) => user.id !== this.me.id && Date.now() - (this.spokeAt.get(user.id) ?? 0) > HUSH;
    for (const user of users.filter(silent)) typists.set(user.id, { user, until: Date.now() + LAPSE });
    this.draw();
    setTimeout(() => this.draw(), LAPSE + 50);
  }

  /** Whoever has spoken is not typing any more, though news of the typing, gathered for a second, may come later. */
  spoke(room, user) {
    this.spokeAt.set(user, Date.now());
    if (this.rooms.get(room)?.delete(user)) this.draw();
  }

  draw() {
    const typists = this.rooms.get(this.room) ?? new Map();
    for (const [id, { until }] of typists) if (until <= Date.now()) typists.delete(id);
    const names = [...typists.values()].map(({ user }) => user.nickname);
    this.line.textContent = names.length ? sentence(names) : "";
  }

  tell(room) {
    if (!this.connection.live || Date.now() - this.toldAt < TELL_EVERY) return;
    this.toldAt = Date.now();
    this.connection.send({ type: "typing", room, active: true });
  }

  stop(room) {
    if (!this.toldAt || !this.connection.live) return;
    this.toldAt = 0;
    this.connection.send({ type: "typing", room, active: false });
  }
}

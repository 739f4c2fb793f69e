const EVERY = 2000;

/** Read marks: told at most every 2 s a room, and only for what was on the screen. */
export class Reads {
  constructor({ rooms, connection }) {
    Object.assign(this, { rooms, connection });
    this.due = new Map();
    this.timers = new Map();
    this.paused = null;
    connection.addEventListener("ready", () => this.flushAll());
    addEventListener("pagehide", () => this.flushAll());
  }

  seen({ room, seq }) {
    const known = this.rooms.get(room);
    if (!known || this.paused === room || seq <= known.read_seq) return;
    this.rooms.markRead(room, seq);
    this.due.set(room, seq);
    this.schedule(room);
  }

  schedule(room) {
    if (this.timers.has(room)) return;
    this.flush(room);
    this.timers.set(room, setTimeout(() => {
      this.timers.delete(room);
      if (this.due.has(room)) this.schedule(room);
    }, EVERY));
  }

  flush(room) {
    const seq = this.due.get(room);
    const known = this.rooms.get(room);
    if (seq === undefined || !known || !this.connection.live) return;
    this.due.delete(room);
    this.connection.command({ type: "room.read", room, seq, version: known.version ?? 0 }).catch(() => this.due.set(room, seq));
  }

  flushAll() {
    for (const room of [...this.due.keys()]) this.flush(room);
  }

  /** Count from `seq` as unread again; what is on the screen is not marked until the room is opened anew. */
  async unread(room, seq) {
    this.paused = room;
    this.due.delete(room);
    await this.connection.command({ type: "room.unread", room, seq });
  }

  resume() {
    this.paused = null;
  }
}

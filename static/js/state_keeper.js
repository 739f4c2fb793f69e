import { keepState } from "./kept_state.js";
import { page } from "./page.js";
import { worker } from "./worker_line.js";

const PAUSE = 3000;
const MESSAGES = 50;
const ROOMS = 10;

/** Keeps what this page knows for when it is opened without a network: a moment after it changed, and when it is left. */
export class StateKeeper {
  constructor({ me, rooms, people, blocks, chat }) {
    Object.assign(this, { me, rooms, people, blocks, chat });
    this.ended = false;
    for (const type of ["room", "list", "fresh"]) rooms.addEventListener(type, () => this.soon());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.keep());
    addEventListener("pagehide", () => !this.ended && this.active?.postMessage({ type: "keep", state: this.state }));
    this.soon();
  }

  soon() {
    this.timer ??= setTimeout(() => this.keep(), PAUSE);
  }

  /** Somebody is signed out: nothing is kept any more. */
  end() {
    this.ended = true;
  }

  async keep() {
    clearTimeout(this.timer);
    this.timer = null;
    this.active = (await worker())?.active;
    if (this.ended || !this.active) return;
    // A full disk, or none at all: the page does without.
    await keepState(this.state).catch(() => {});
  }

  get state() {
    const { rooms, me, chat } = this;
    return {
      user: me, epoch: rooms.epoch, room_order: rooms.order, blocked: [...this.blocks.ids], language: page.language,
      rooms: rooms.all.map((room) => ({ ...room, online: 0, head: this.headOf(room.id) })),
      room: chat.id, members: null,
      messages: Object.fromEntries(rooms.recent.slice(0, ROOMS).map((id) => [id, this.windowOf(id)]).filter(([, found]) => found)),
    };
  }

  headOf(id) {
    const state = this.rooms.state(id);
    return { seq: state.head, change: state.last };
  }

  /** The newest messages of a room, if they are what is at hand. */
  windowOf(id) {
    const state = this.rooms.state(id);
    return state.loaded && state.atEnd ? state.messages.slice(-MESSAGES) : null;
  }
}

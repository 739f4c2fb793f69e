import { keep, recall } from "./storage.js";

/** What was begun and not sent, for each room: {text, reply}. Event: "changed" (detail: the room's id). */
export class Drafts extends EventTarget {
  constructor(me) {
    super();
    this.me = me;
    // Another tab writes drafts too.
    addEventListener("storage", ({ key }) => {
      const room = key?.startsWith(this.key("")) && Number(key.slice(this.key("").length));
      if (room) this.dispatchEvent(new CustomEvent("changed", { detail: room }));
    });
  }

  key(room) {
    return `draft ${this.me.id} ${room}`;
  }

  get(room) {
    try {
      return JSON.parse(recall(this.key(room))) ?? { text: "", reply: null };
    } catch {
      return { text: "", reply: null };
    }
  }

  set(room, draft) {
    const empty = !draft.text.trim() && !draft.reply;
    keep(this.key(room), empty ? null : JSON.stringify(draft));
    this.dispatchEvent(new CustomEvent("changed", { detail: room }));
  }
}

import { api } from "./api.js";

/** Whom I have blocked. Never touches the page. Event: "changed". */
export class Blocks extends EventTarget {
  constructor(ids = []) {
    super();
    this.ids = new Set(ids);
  }

  has(id) {
    return this.ids.has(id);
  }

  take({ type, blocked }) {
    if ((type === "blocks.updated" || type === "welcome") && blocked) this.replace(blocked);
  }

  replace(ids) {
    const same = ids.length === this.ids.size && ids.every((id) => this.ids.has(id));
    this.ids = new Set(ids);
    if (!same) this.dispatchEvent(new Event("changed"));
  }

  /** Block or unblock; the server then tells all my tabs. */
  async set(id, blocked) {
    await (blocked ? api.block(id) : api.unblock(id));
    const ids = new Set(this.ids);
    if (blocked) ids.add(id);
    else ids.delete(id);
    this.replace([...ids]);
  }
}

import { el } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";

const NAMED = 3;

function listed(users) {
  const names = users.slice(0, NAMED).map((user) => user.nickname);
  const others = users.length - names.length;
  const list = names.join(gettext(", "));
  return others > 0 ? interpolate(gettext("%(names)s and %(count)s more"), { names: list, count: others }) : list;
}

/** "X came", "X left", gathered into one line while nothing else is said. Someone who left and came back is not told. */
export class PresenceNote {
  constructor() {
    this.joined = new Map();
    this.left = new Map();
    this.element = el("div", { class: "note" });
  }

  add({ joined, left }) {
    for (const user of joined) if (!this.left.delete(user.id)) this.joined.set(user.id, user);
    for (const user of left) if (!this.joined.delete(user.id)) this.left.set(user.id, user);
    const came = [...this.joined.values()];
    const gone = [...this.left.values()];
    const parts = [];
    if (came.length) parts.push(interpolate(gettext("%s came"), [listed(came)]));
    if (gone.length) parts.push(interpolate(gettext("%s left"), [listed(gone)]));
    this.element.textContent = parts.join(" · ");
    this.element.hidden = !parts.length;
  }
}

import { api } from "./api.js";
import { whenLabel } from "./dates.js";
import { openDialog } from "./dialogs.js";
import { avatar, el } from "./dom.js";
import { summary } from "./excerpt.js";
import { textField } from "./fields.js";
import { gettext } from "./i18n.js";
import { pagedList } from "./paged_list.js";

/** Search all that was said in rooms that one may see. `go(room, seq)` leads to a hit. */
export function openSearch({ rooms, room, go, query = "" }) {
  const field = textField({
    label: gettext("Search messages"), isTitled: true, type: "search", value: query, maxlength: 180,
    note: gettext("from:name  in:room  before:2026-01-31  after:2026-01-01  has:image  has:file  has:link  has:pin  “a phrase”"),
  });
  let chosen = null;
  const here = room && room.kind !== "direct" && el("button", { type: "button", class: "button narrowing", "aria-pressed": "false" }, gettext("Only in this room"));
  const isHere = () => here?.getAttribute("aria-pressed") === "true";
  const { parts, reload } = pagedList({
    field, class: "found", "aria-label": gettext("Found messages"),
    fetchPage: async ({ q, offset }) => {
      if (!q) return { items: [], next: null };
      const asked = isHere() ? `${q.replace(/(^|\s)in:("[^"]*"|\S*)/g, " ")} in:${room.id}` : q;
      const { results, next } = await api.search({ q: asked, ...(offset ? { before: offset } : {}) });
      return { items: results, next };
    },
    row: (hit) => hitRow(hit, { words: field.input.value, name: nameOf(hit.room, rooms), open: () => (chosen = hit, dialog.close()) }),
    nothing: (q) => (q ? gettext("Nothing that you may see has all these words.") : gettext("Find anything that was said, in every room that you may see.")),
  });
  here?.addEventListener("click", () => {
    here.setAttribute("aria-pressed", String(!isHere()));
    field.input.focus();
    reload();
  });
  const dialog = openDialog({
    title: gettext("Search messages"), wide: true, content: [field.element, here, ...parts].filter(Boolean),
    // Only then: a dialog that closes gives the focus back to where it was.
    closed: () => chosen && go(chosen.room, chosen.message.seq),
  });
  field.input.focus();
  return dialog;
}

function nameOf(room, rooms) {
  const known = rooms.get(room.id);
  if (room.kind === "direct") return known?.with?.nickname ?? gettext("Private chat");
  return `#${room.name}`;
}

function hitRow({ message, context }, { words, name, open }) {
  const [before, after] = [context.filter((one) => one.seq < message.seq), context.filter((one) => one.seq > message.seq)];
  const near = (one) => el("span", { class: "hit-near" }, el("b", {}, one.author.nickname), " ", summary(one));
  return el("li", { class: "hit" },
    el("button", { type: "button", class: "hit-button", onclick: open },
      avatar(message.author, 28),
      el("span", { class: "hit-text" },
        el("span", { class: "hit-head" }, el("b", { dir: "auto" }, message.author.nickname), " ", el("span", { dir: "auto" }, name), " · ", whenLabel(message.created_at)),
        before.map(near),
        el("span", { class: "hit-body", dir: "auto" }, marked(summary(message), words)),
        after.map(near))));
}

/** The text with what was searched for marked. */
function marked(text, words) {
  const wanted = words.replace(/\b(from|in|before|after|has):("[^"]*"|\S*)/g, " ").match(/[\p{L}\p{N}]+/gu) ?? [];
  if (!wanted.length) return [text];
  const pattern = new RegExp(`(${wanted.sort((one, other) => other.length - one.length).join("|")})`, "giu");
  return text.split(pattern).map((part, index) => (index % 2 ? el("mark", {}, part) : part));
}

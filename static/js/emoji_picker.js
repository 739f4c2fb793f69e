import { el } from "./dom.js";
import { emojiData, findEmoji, noteEmoji, recentEmoji } from "./emoji_data.js";
import { gettext, interpolate, ngettext } from "./i18n.js";
import { onTouch } from "./page.js";
import { showPopup } from "./popups.js";

const GROUPS = () => ({
  faces: gettext("Faces and hearts"), people: gettext("People and hands"), nature: gettext("Animals and nature"), food: gettext("Food and drink"),
  play: gettext("Play and feast"), travel: gettext("Places and travel"), things: gettext("Things"), symbols: gettext("Symbols"), flags: gettext("Flags"),
});
const PAUSE = 80;

/**
 * Show all emoji beside `anchor`, with a search; `picked(character)` is called, and the picker goes.
 *
 * It opens at once and is filled when the emoji are loaded. Throws what kept them from being so, once it is closed.
 */
export async function pickEmoji(anchor, picked) {
  let data = null;
  let known = null;
  const search = el("input", { class: "room-filter", type: "search", autocomplete: "off", spellcheck: "false", "aria-label": gettext("Find an emoji"), placeholder: gettext("Find an emoji") });
  const body = el("div", { class: "picker-body" });
  const status = el("p", { class: "unseen", role: "status" });
  const popup = el("div", { class: "menu emoji-picker", role: "dialog", "aria-label": gettext("Emoji") }, search, body, status);
  const pick = (character) => {
    noteEmoji(character);
    popup.hidePopover();
    picked(character);
  };
  body.addEventListener("click", ({ target }) => target.closest("[data-emoji]") && pick(target.closest("[data-emoji]").dataset.emoji));
  const draw = () => {
    if (!data) return;
    const query = search.value;
    const found = query.trim() && findEmoji(data.all, query);
    body.replaceChildren(...(found ? results(found) : everything(data.groups, known)));
    body.scrollTop = 0;
    makeReachable(body);
    status.textContent = found ? interpolate(ngettext("%s emoji found", "%s emoji found", found.length), [found.length]) : "";
  };
  let soon;
  search.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(draw, PAUSE);
  });
  popup.addEventListener("keydown", (event) => key(event, { body, search, draw: () => (clearTimeout(soon), draw()), pick }), { capture: true });
  popup.setAttribute("aria-busy", "true");
  showPopup(popup, anchor);
  if (!onTouch()) search.focus({ preventScroll: true });
  data = await emojiData().catch((error) => {
    popup.hidePopover();
    throw error;
  });
  known = new Map(data.all.map((emoji) => [emoji.character, emoji]));
  popup.removeAttribute("aria-busy");
  draw();
  // On touch the keyboard would cover what one came to look at.
  if (onTouch()) body.querySelector("[data-emoji]")?.focus({ preventScroll: true });
  return popup;
}

function results(found) {
  if (!found.length) return [el("p", { class: "empty-note" }, gettext("No emoji by that name."))];
  return [grid(gettext("Found"), found)];
}

function everything(groups, known) {
  const recent = recentEmoji().map((character) => known.get(character)).filter(Boolean);
  const parts = recent.length ? [group(gettext("Recent"), recent)] : [];
  return [...parts, ...groups.map(({ id, emoji }) => group(GROUPS()[id] ?? id, emoji))];
}

function group(label, emoji) {
  return el("section", { class: "picker-group" }, el("h3", { class: "menu-title" }, label), grid(label, emoji));
}

function grid(label, emoji) {
  return el("div", { class: "picker-grid", role: "group", "aria-label": label }, emoji.map(({ character, name }) =>
    el("button", { type: "button", "data-emoji": character, "aria-label": name, title: name, tabindex: "-1" }, character)));
}

/** One of the grid is in the tab order; arrows go through the rest. */
function makeReachable(body) {
  const first = body.querySelector("[data-emoji]");
  if (first) first.tabIndex = 0;
}

function key(event, { body, search, draw, pick }) {
  if (event.isComposing) return;
  const inSearch = event.target === search;
  if (inSearch && event.key === "ArrowDown") return move(event, body.querySelector("[data-emoji]"));
  if (inSearch && event.key === "Enter") {
    event.preventDefault();
    draw();
    const first = search.value.trim() && body.querySelector("[data-emoji]");
    return first ? pick(first.dataset.emoji) : undefined;
  }
  // Arrows belong to the text there, and not to the grid.
  if (inSearch) return event.key.startsWith("Arrow") ? event.stopPropagation() : undefined;
  const all = [...body.querySelectorAll("[data-emoji]")];
  const at = all.indexOf(event.target);
  if (at < 0) return;
  const to = { ArrowRight: all[at + 1], ArrowLeft: all[at - 1], Home: all[0], End: all.at(-1) }[event.key] ?? vertical(event, all, at);
  if (to) return move(event, to);
  if (event.key === "ArrowUp") return move(event, search);
  if (event.key.startsWith("Arrow")) event.stopPropagation();
}

/** The one above or below, over the headings too: the nearest column of the next row. */
function vertical({ key: pressed }, all, at) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[pressed];
  if (!by) return null;
  const here = all[at].getBoundingClientRect();
  let best = null;
  for (let index = at + by; all[index]; index += by) {
    const there = all[index].getBoundingClientRect();
    if (Math.abs(there.top - here.top) < 4) continue;
    if (best && Math.abs(there.top - best.top) > 4) break;
    const off = Math.abs(there.left - here.left);
    if (!best || off < best.off) best = { element: all[index], top: there.top, off };
  }
  return best?.element ?? null;
}

function move(event, element) {
  event.preventDefault();
  event.stopPropagation();
  if (!element) return;
  if (element.dataset.emoji) {
    for (const other of element.closest(".picker-body").querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    element.tabIndex = 0;
  }
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
}

import { api } from "./api.js";
import { avatar, el, icon } from "./dom.js";
import { sentenceOf, textField } from "./fields.js";
import { gettext, interpolate } from "./i18n.js";

const PAUSE = 200;
const SHOWN = 8;

/**
 * Find people by name. With `add(user)` each one chosen is handed over at once; else they gather in `chosen`.
 * Answers `{element, chosen: Map}`.
 */
export function peoplePicker({ label, me, add = null, leaveOut = () => false, changed = () => {} }) {
  const chosen = new Map();
  const field = textField({ label, placeholder: gettext("Search by name"), spellcheck: "false" });
  const results = el("ul", { class: "found", "aria-label": gettext("Found people") });
  const chips = el("div", { class: "chips" });
  const status = el("p", { class: "field-note", role: "status" });
  let timer;

  const drawChips = () => {
    chips.replaceChildren(...[...chosen.values()].map((user) => chip(user)));
    changed(chosen);
  };
  const chip = (user) => el("span", { class: "chip" }, avatar(user, 20), el("span", { dir: "auto" }, user.nickname),
    el("button", { type: "button", "aria-label": interpolate(gettext("Take out %s"), [user.nickname]), onclick: () => (chosen.delete(user.id), drawChips()) }, icon("close")));
  const choose = (user) => {
    field.input.value = "";
    results.replaceChildren();
    status.textContent = "";
    field.input.focus();
    if (add) return add(user);
    chosen.set(user.id, user);
    drawChips();
  };
  const row = (user) => el("li", {}, el("button", { type: "button", class: "found-person", onclick: () => choose(user) },
    avatar(user, 28), el("span", { class: "found-name", dir: "auto" }, user.nickname), user.is_guest && el("span", { class: "person-note" }, gettext("Guest"))));
  const search = async () => {
    const wanted = field.input.value.trim();
    if (!wanted) return results.replaceChildren();
    try {
      const { users } = await api.users({ q: wanted, limit: 20 });
      if (wanted !== field.input.value.trim()) return;
      const fitting = users.filter((user) => user.id !== me.id && !chosen.has(user.id) && !leaveOut(user));
      results.replaceChildren(...fitting.slice(0, SHOWN).map(row));
      status.textContent = fitting.length ? "" : gettext("Nobody by that name.");
    } catch (error) {
      status.textContent = sentenceOf(error);
    }
  };
  field.input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });
  field.input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      results.querySelector("button")?.click();
    }
    if (event.key === "ArrowDown") {
      event.preventDefault();
      results.querySelector("button")?.focus();
    }
  });
  results.addEventListener("keydown", (event) => stepDown(event, results, field.input));
  return { element: el("div", { class: "picker" }, chips, field.element, results, status), chosen };
}

function stepDown(event, results, input) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const buttons = [...results.querySelectorAll("button")];
  (buttons[buttons.indexOf(document.activeElement) + by] ?? input).focus();
}

import { el, icon } from "./dom.js";
import { gettext } from "./i18n.js";
import { enterSends, setEnterSends } from "./keys.js";
import { byId } from "./page.js";

const ICONS = { light: "sun", dark: "moon", system: "monitor" };

/** What the page speaks, and in which colours. */
export function lookPage() {
  return [
    choice(gettext("Language"), [...languageForm().querySelectorAll("[name=language]")].map(languageButton), gettext("The page is loaded anew. What you have begun to write stays.")),
    choice(gettext("Appearance"), themes()),
    choice(gettext("The Enter key"), enterKeys(), gettext("At a keyboard, in this browser. Shift+Enter always breaks the line; on touch the button sends.")),
  ];
}

function choice(label, buttons, note) {
  const group = el("div", { class: "choice", role: "group", "aria-label": label }, buttons);
  return el("div", { class: "field" }, el("span", { class: "label" }, label), group, note && el("p", { class: "field-note" }, note));
}

const languageForm = () => document.querySelector("#me-menu form:has([name=language])");

/** Sends the form of the menu, which comes back to where one was when the page was loaded: now to where one is. */
function languageButton(item) {
  const form = languageForm();
  form.id = "language-form";
  const back = () => (form.elements.next.value = location.pathname);
  return el("button", {
    class: "choice-item", form: form.id, name: "language", value: item.value, lang: item.lang, onclick: back,
    "aria-pressed": item.getAttribute("aria-pressed"),
  }, item.textContent);
}

function enterKeys() {
  const kinds = [[true, gettext("sends")], [false, gettext("breaks the line, Ctrl+Enter sends")]];
  const draw = () => buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(kinds[index][0] === enterSends())));
  const buttons = kinds.map(([sends, label]) => el("button", { type: "button", class: "choice-item", onclick: () => (setEnterSends(sends), draw()) }, label));
  draw();
  return buttons;
}

/** Each presses its like in the menu, which knows what is chosen. */
function themes() {
  const items = [...byId("theme-choice").children];
  const buttons = items.map((item) => el("button", { type: "button", class: "choice-item", onclick: () => choose(item) }, icon(ICONS[item.dataset.themeChoice]), item.textContent.trim()));
  const draw = () => buttons.forEach((button, index) => button.setAttribute("aria-pressed", items[index].getAttribute("aria-pressed")));
  const choose = (item) => {
    item.click();
    draw();
  };
  draw();
  return buttons;
}

import { el } from "./dom.js";
import { gettext } from "./i18n.js";
import { byId } from "./page.js";

const MOST = 3;
// Milliseconds: at least, and for each character, so that a long reason can be read.
const SHORTEST = 5000;
const EACH = 80;
const toasts = byId("toasts");

/** Say something for a moment. What is said again while it stands there is counted. */
export function toast(text) {
  const same = [...toasts.children].find((box) => box.dataset.said === text);
  const times = Number(same?.dataset.times ?? 0) + 1;
  same?.remove();
  showToast(el("p", { class: "toast", "data-said": text, "data-times": times }, text, times > 1 && el("b", {}, ` ×${times}`)));
}

/** Show an element for a moment at the edge of the page; the last three, where there are many. */
export function showToast(box) {
  // What stands outside an open dialog is neither seen nor read out.
  const host = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (toasts.parentNode !== host) host.append(toasts);
  toasts.append(box);
  while (toasts.children.length > MOST) toasts.firstElementChild.remove();
  box.addEventListener("click", () => box.remove());
  setTimeout(() => box.remove(), Math.max(SHORTEST, box.textContent.length * EACH));
}

/** Why something did not work, as a sentence. What is no refusal is thrown on. */
export function sentenceOf(error) {
  if (!error.code) throw error;
  const offline = ["disconnected", "unreachable"].includes(error.code);
  return offline ? gettext("This needs the connection, which is away. Try again when it is back.") : error.detail || gettext("That did not work.");
}

/** Say it at the edge of the page. */
export const complain = (error) => toast(sentenceOf(error));

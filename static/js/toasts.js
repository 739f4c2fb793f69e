import { el } from "./dom.js";
import { gettext } from "./i18n.js";
import { byId } from "./page.js";

const MOST = 3;
const toasts = byId("toasts");

export function toast(text) {
  showToast(el("p", { class: "toast" }, text));
}

/** Show an element for a moment at the edge of the page; the last three, where there are many. */
export function showToast(box) {
  // What stands outside an open dialog is neither seen nor read out.
  const host = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (toasts.parentNode !== host) host.append(toasts);
  toasts.append(box);
  while (toasts.children.length > MOST) toasts.firstElementChild.remove();
  box.addEventListener("click", () => box.remove());
  setTimeout(() => box.remove(), 5000);
}

/** Say in a sentence why something did not work. */
export function complain(error) {
  if (!error.code) throw error;
  const offline = ["disconnected", "unreachable"].includes(error.code);
  toast(offline ? gettext("This needs the connection, which is away. Try again when it is back.") : error.detail || gettext("That did not work."));
}

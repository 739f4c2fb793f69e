import { el } from "./dom.js";
import { gettext } from "./i18n.js";
import { byId } from "./page.js";

const toasts = byId("toasts");

export function toast(text) {
  const box = el("p", { class: "toast" }, text);
  // What stands outside an open dialog is neither seen nor read out.
  const host = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (toasts.parentNode !== host) host.append(toasts);
  toasts.append(box);
  setTimeout(() => box.remove(), 5000);
}

/** Say in a sentence why something did not work. */
export function complain(error) {
  if (!error.code) throw error;
  const offline = ["disconnected", "unreachable"].includes(error.code);
  toast(offline ? gettext("This needs the connection, which is away. Try again when it is back.") : error.detail || gettext("That did not work."));
}

import { el } from "./dom.js";
import { gettext } from "./i18n.js";
import { byId } from "./page.js";

export function toast(text) {
  const box = el("p", { class: "toast" }, text);
  byId("toasts").append(box);
  setTimeout(() => box.remove(), 5000);
}

/** Say in a sentence why something did not work. */
export function complain(error) {
  if (!error.code) throw error;
  const offline = ["disconnected", "unreachable"].includes(error.code);
  toast(offline ? gettext("This needs the connection, which is away. Try again when it is back.") : error.detail || gettext("That did not work."));
}

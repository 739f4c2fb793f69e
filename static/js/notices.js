import { el } from "./dom.js";
import { gettext } from "./i18n.js";

const REASONS = {
  unauthenticated: () => [gettext("You are signed out"), gettext("What you had not sent yet is kept in this browser."), gettext("Sign in again"), "/"],
  banned: (detail) => [gettext("You cannot come in"), detail || gettext("A moderator has closed this place to you."), gettext("Back"), "/"],
  refused: (detail) => [gettext("You cannot come into this room"), detail || gettext("This needs the connection, which is away. Try again when it is back."), gettext("To your rooms"), "/home/"],
  protocol: () => [gettext("This page is out of date"), gettext("The site was renewed meanwhile. Load it again; nothing is lost."), gettext("Load again"), location.href],
};

/** Say that there is no going on here, and what can be done. */
export function sayEnded({ reason, detail }) {
  const [title, text, label, href] = REASONS[reason](detail);
  const dialog = el(
    "dialog",
    { "aria-label": title },
    el("div", { class: "notice" }, el("h2", { class: "dialog-title" }, title), el("p", {}, text), el("a", { class: "button primary", href }, label)),
  );
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
}

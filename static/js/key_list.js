import { el, focusOn } from "./dom.js";
import { gettext } from "./i18n.js";
import { enterSends } from "./keys.js";

const rows = () => [
  ["Ctrl+K", gettext("Find a room or chat")],
  ["Alt+↑ ↓", gettext("Previous or next room")],
  ["Alt+Shift+↑ ↓", gettext("Previous or next unread room")],
  ["Shift+PageUp", gettext("To the first unread message")],
  ["Esc", gettext("Read to the newest message")],
  ["↑", gettext("Edit your last message, in an empty box")],
  ...(enterSends()
    ? [["Enter", gettext("Send")], ["Shift+Enter", gettext("New line")]]
    : [["Ctrl+Enter", gettext("Send")], ["Enter", gettext("New line")]]),
  ["@ # : /", gettext("Complete people, rooms, emoji, commands")],
  ["Ctrl+Shift+F", gettext("Search messages")],
  ["Ctrl+B, Ctrl+I", gettext("Bold, italic")],
  ["Ctrl+U", gettext("Attach files")],
  ["Ctrl+.", gettext("Show or hide people")],
  ["Ctrl+,", gettext("Settings")],
  ["Ctrl+/", gettext("This list")],
];

/** Show what keys do. */
export function showKeys() {
  const dialog = el(
    "dialog",
    { class: "keys", "aria-label": gettext("Keys") },
    el("h2", { class: "dialog-title" }, gettext("Keys")),
    el("dl", {}, rows().map(([key, text]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, text)))),
    el("div", { class: "dialog-buttons" }, el("button", { type: "button", class: "button", onclick: () => dialog.close() }, gettext("Close"))),
  );
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) focusOn(before);
  });
  document.body.append(dialog);
  dialog.showModal();
}

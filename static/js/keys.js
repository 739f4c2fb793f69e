import { el, focusOn } from "./dom.js";
import { enterSends } from "./enter_key.js";
import { gettext } from "./i18n.js";
import { byId } from "./page.js";

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

const typesText = (event) => event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;

/** The keys of the whole page. `commands` has a function for each thing that they do. */
export function listenToKeys(commands) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const command = commandFor(event);
    if (command) {
      event.preventDefault();
      return commands[command](event);
    }
    const idle = event.target === document.body || event.target.matches?.("article");
    if (idle && typesText(event)) byId("message-text").focus({ preventScroll: true });
  });
}

function commandFor(event) {
  const control = event.ctrlKey || event.metaKey;
  if (control && !event.shiftKey && !event.altKey) return { k: "find", ".": "people", "/": "keys", ",": "settings", u: "attach" }[event.key.toLowerCase()];
  if (control && event.shiftKey && !event.altKey && event.key.toLowerCase() === "f") return "search";
  if (event.altKey && !control && event.key === "ArrowUp") return event.shiftKey ? "previousUnread" : "previous";
  if (event.altKey && !control && event.key === "ArrowDown") return event.shiftKey ? "nextUnread" : "next";
  if (event.shiftKey && event.key === "PageUp") return "firstUnread";
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector(":popover-open")) return "newest";
  return null;
}

import { byId } from "./page.js";
import { keep, recall } from "./storage.js";

const SEND_WITH = "send with";

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

/** Whether Enter alone sends at a keyboard; otherwise Ctrl+Enter does, and Enter breaks the line. Kept in this browser. */
export const enterSends = () => recall(SEND_WITH) !== "ctrl";

export const setEnterSends = (sends) => keep(SEND_WITH, sends ? null : "ctrl");

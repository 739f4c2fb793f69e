import { el, focusOn, iconButton } from "./dom.js";
import { gettext } from "./i18n.js";

/**
 * A modal dialog with a title and a way out: the button, Esc, or a press beside it.
 *
 *     const dialog = openDialog({ title: gettext("New room"), content: [form] });
 */
export function openDialog({ title, content, wide = false, closed = () => {} }) {
  const heading = el("h2", { class: "dialog-title" }, title);
  const close = iconButton("close", gettext("Close"), { class: "icon-button dialog-close", onclick: () => dialog.close() });
  const body = el("div", { class: "dialog-body" }, content);
  const dialog = el("dialog", { class: wide ? "window wide" : "window", "aria-label": title }, el("header", { class: "dialog-head" }, heading, close), body);
  closeBeside(dialog);
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) focusOn(before);
    closed();
  });
  document.body.append(dialog);
  dialog.showModal();
  const first = body.querySelector("[autofocus]") ?? body.querySelector("input:not([type=file]):not([type=radio]), button, a[href]");
  (first ?? close).focus({ preventScroll: true });
  return dialog;
}

/** A press that begins and ends beside the dialog puts it away; one that slips out of a text box does not. */
function closeBeside(dialog) {
  let beside = false;
  dialog.addEventListener("pointerdown", (event) => (beside = event.target === dialog));
  dialog.addEventListener("click", (event) => beside && event.target === dialog && dialog.close());
}

/** Ask before something that is hard to take back. Resolves with whether one agreed. */
export function confirmed({ title, text, action }) {
  return new Promise((resolve) => {
    let agreed = false;
    const agree = () => {
      agreed = true;
      dialog.close();
    };
    const buttons = el("div", { class: "dialog-buttons" },
      el("button", { type: "button", class: "button", autofocus: true, onclick: () => dialog.close() }, gettext("Cancel")),
      el("button", { type: "button", class: "button danger", onclick: agree }, action));
    const dialog = openDialog({ title, content: [el("p", {}, text), buttons], closed: () => resolve(agreed) });
  });
}

/**
 * A dialog of several pages, named at its side (on a phone above). A page: `{name, build}`, built when it is first shown.
 * Answers with the dialog.
 */
export function openPages({ title, pages, first = 0, closed }) {
  const panel = el("div", { class: "page-panel", role: "tabpanel", tabindex: "-1" });
  const tabs = pages.map(({ name }, index) => el("button", { type: "button", class: "page-tab", role: "tab", onclick: () => show(index) }, name));
  const list = el("div", { class: "page-tabs", role: "tablist", "aria-label": title, onkeydown: (event) => stepTabs(event, tabs) }, tabs);
  const built = new Map();
  const show = (index) => {
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
    });
    panel.setAttribute("aria-label", pages[index].name);
    if (!built.has(index)) built.set(index, el("div", { class: "page" }, pages[index].build()));
    panel.replaceChildren(built.get(index));
    panel.scrollTop = 0;
    tabs[index].scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const dialog = openDialog({ title, wide: true, content: el("div", { class: "pages" }, list, panel), closed });
  show(first);
  tabs[first].focus({ preventScroll: true });
  return dialog;
}

function stepTabs(event, tabs) {
  const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const next = tabs[(tabs.indexOf(document.activeElement) + by + tabs.length) % tabs.length];
  next.focus();
  next.click();
}

import { page } from "./page.js";

/** Make an element: `el("button", { class: "x", onclick: f }, "text", child)`; null, false and undefined are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${page.urls.icons}#${name}`);
  svg.append(use);
  return svg;
}

export function iconButton(name, label, attributes = {}) {
  return el("button", { type: "button", class: "icon-button", "aria-label": label, title: label, ...attributes }, icon(name));
}

/**
 * Give an element the focus so that one can type into it. After a press in a dialog Chromium gives the focus back
 * without the caret, and what is typed then goes nowhere: it is taken off first.
 */
export function focusOn(element) {
  const caret = getSelection()?.anchorNode;
  if (document.activeElement === element && caret && !caret.contains(element)) element.blur();
  element.focus({ preventScroll: true });
}

/**
 * Put `text` in the place of what stands from `start` to `end` in a box, with the cursor behind it, as if it were typed:
 * what sets a value otherwise cannot be undone, nor what was typed before it.
 */
export function typeInto(box, text, start = box.selectionStart, end = box.selectionEnd) {
  focusOn(box);
  box.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text)) box.setRangeText(text, start, end, "end");
}

export function avatar(user, size) {
  return el("img", { class: "avatar", src: user.avatar_url, alt: "", width: size, height: size, decoding: "async" });
}

/** Make `nodes` the children of `parent`, touching only what is out of place. */
export function arrange(parent, nodes) {
  nodes.forEach((node, index) => parent.children[index] !== node && parent.insertBefore(node, parent.children[index] ?? null));
  while (parent.children.length > nodes.length) parent.lastElementChild.remove();
}

/** The one place where markup becomes elements: a MESSAGE's `html`, which the server made and sanitised. */
export function sanitisedByServer(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

const styles = new Map();

/** Have the style sheet `name` (of the page's `urls.styles`) in the page. Resolves when it is there. */
export function loadStyle(name) {
  if (!styles.has(name)) styles.set(name, fetchStyle(page.urls.styles[name]));
  return styles.get(name).catch((error) => {
    styles.delete(name);
    throw error;
  });
}

function fetchStyle(href) {
  return new Promise((resolve, reject) => {
    const link = el("link", { rel: "stylesheet", href, onload: () => resolve() });
    link.addEventListener("error", () => (link.remove(), reject(new Error(`${href} could not be loaded`))));
    document.head.append(link);
  });
}

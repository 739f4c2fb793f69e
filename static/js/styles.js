import { el } from "./dom.js";
import { page } from "./page.js";

const coming = new Map();

/** Have the style sheet `name` (of the page's `urls.styles`) in the page. Resolves when it is there. */
export function loadStyle(name) {
  if (!coming.has(name)) coming.set(name, fetched(page.urls.styles[name]));
  return coming.get(name).catch((error) => {
    coming.delete(name);
    throw error;
  });
}

function fetched(href) {
  return new Promise((resolve, reject) => {
    const link = el("link", { rel: "stylesheet", href, onload: () => resolve() });
    link.addEventListener("error", () => (link.remove(), reject(new Error(`${href} could not be loaded`))));
    document.head.append(link);
  });
}

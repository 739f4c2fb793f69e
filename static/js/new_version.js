import { el, iconButton } from "./dom.js";
import { gettext } from "./i18n.js";

/** Say that there is a new version. It comes with the next page anyway; what one has begun to write stays. */
export function offerNewVersion() {
  if (document.querySelector(".new-version")) return;
  const bar = el("div", { class: "new-version", role: "status" },
    el("span", {}, gettext("There is a new version of this page.")),
    el("button", { type: "button", class: "button", onclick: () => location.reload() }, gettext("Reload")),
    iconButton("close", gettext("Later"), { onclick: () => bar.remove() }));
  document.body.append(bar);
}

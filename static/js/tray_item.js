import { kindIcon, nameView, sizeLabel } from "./attachments.js";
import { el, icon, iconButton } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";
import { previews } from "./previews.js";

/** One file in the tray: `{element, show(), progress(share)}`; what it shows is read from `entry` each time. */
export function trayItem(entry, { remove, retry }) {
  const face = el("span", { class: "tray-face" }, kindIcon(entry.kind));
  const note = el("span", { class: "file-size" });
  const bar = el("progress", { max: 1, value: 0, "aria-label": interpolate(gettext("Uploading %s"), [entry.name]) });
  const again = el("button", { type: "button", class: "text-button", hidden: true, "aria-label": interpolate(gettext("Try %s again"), [entry.name]), onclick: retry }, gettext("Try again"));
  const away = iconButton("close", interpolate(gettext("Remove %s"), [entry.name]), { "data-remove": true, onclick: remove });
  const element = el("li", { class: "tray-item" }, face,
    el("span", { class: "file-words" }, nameView(entry.name), note, again, bar), away);
  let share = 0;

  const words = () => {
    if (entry.state === "uploading") return `${sizeLabel(entry.size)} · ${Math.floor(share * 100)} %`;
    return entry.error || sizeLabel(entry.size);
  };
  const show = () => {
    element.dataset.state = entry.state;
    note.textContent = words();
    note.toggleAttribute("role", false);
    if (entry.state === "failed") note.setAttribute("role", "alert");
    bar.hidden = entry.state !== "uploading";
    again.hidden = !["failed", "waiting"].includes(entry.state);
    const url = previews.get(entry.ref);
    if (entry.kind === "image" && entry.width && url && !face.querySelector("img")) face.replaceChildren(el("img", { src: url, alt: "", draggable: "false" }));
    if (entry.kind !== "image") face.replaceChildren(kindIcon(entry.kind));
  };
  return {
    element,
    show,
    progress: (now) => {
      share = now;
      bar.value = now;
      show();
    },
  };
}

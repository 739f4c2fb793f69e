import { el, icon } from "./dom.js";
import { once, resultLine } from "./fields.js";
import { gettext } from "./i18n.js";
import { squared } from "./square.js";

const KINDS = "image/png,image/jpeg,image/webp,image/gif";

/**
 * A picture that can be chosen or dropped, and taken away. `current` is its URL or null; `upload(file)` and `remove()` do
 * it and answer with the URL then; `empty()` makes what stands there without one.
 */
export function pictureControl({ current, upload, remove, label, empty }) {
  const frame = el("span", { class: "picture-frame" });
  const line = resultLine();
  const input = el("input", { type: "file", accept: KINDS, class: "unseen", "aria-label": label, tabindex: "-1" });
  const choose = el("button", { type: "button", class: "button", onclick: () => input.click() }, icon("upload"), gettext("Choose a picture"));
  const away = el("button", { type: "button", class: "button", onclick: () => change(away, remove) }, gettext("Remove"));
  const draw = (url) => {
    frame.replaceChildren(url ? el("img", { class: "avatar", src: url, alt: "", width: 64, height: 64 }) : empty());
    away.hidden = !url;
  };
  const change = (button, work) => once(button, async () => {
    line.clear();
    try {
      draw(await work());
    } catch (error) {
      line.fail(error);
    }
  });
  const take = async (file) => {
    if (file) await change(choose, async () => upload(await squared(file)));
    input.value = "";
  };
  input.addEventListener("change", () => take(input.files[0]));
  const element = el("div", { class: "picture-control" }, frame, el("div", { class: "picture-buttons" }, choose, away, input), line.element);
  element.addEventListener("dragover", (event) => event.preventDefault());
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  draw(current);
  return { element, draw };
}

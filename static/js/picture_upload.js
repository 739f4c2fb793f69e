import { el, icon } from "./dom.js";
import { once, resultLine } from "./fields.js";
import { gettext } from "./i18n.js";
import { onTouch } from "./page.js";
import { squared } from "./square.js";

const KINDS = "image/png,image/jpeg,image/webp,image/gif";

/**
 * A picture that can be chosen or dropped, and taken away. `current` is its URL or null; `upload(file)` and `remove()` do
 * it and answer with the URL then; `empty()` makes what stands there without one. What is chosen is shown at once as the
 * square that is kept of it.
 */
export function pictureControl({ current, upload, remove, label, empty }) {
  const frame = el("span", { class: "picture-frame" });
  const line = resultLine();
  const input = el("input", { type: "file", accept: KINDS, class: "unseen", "aria-label": label, tabindex: "-1" });
  const choose = el("button", { type: "button", class: "button", onclick: () => input.click() }, icon("upload"), gettext("Choose a picture"));
  const away = el("button", { type: "button", class: "button", onclick: () => change(away, remove) }, gettext("Remove"));
  let shown = current;
  const show = (url) => frame.replaceChildren(url ? el("img", { class: "avatar", src: url, alt: "", width: 64, height: 64 }) : empty());
  const draw = (url) => {
    shown = url;
    show(url);
    away.hidden = !url;
  };
  const change = (button, work) => once(button, async () => {
    line.clear();
    frame.classList.add("busy");
    try {
      draw(await work());
    } catch (error) {
      show(shown);
      line.fail(reasonOf(error));
    }
    frame.classList.remove("busy");
  });
  const take = async (file) => {
    if (file) await change(choose, async () => upload(await previewed(file, show)));
    input.value = "";
  };
  input.addEventListener("change", () => take(input.files[0]));
  const element = el("div", { class: "picture-control" },
    frame, el("div", { class: "picture-buttons" }, choose, away, input),
    el("p", { class: "field-note" }, onTouch() ? gettext("At most 8 MB. It is cut to a square.") : gettext("Or drop one here. At most 8 MB; its middle square is kept.")), line.element);
  takeDropped(element, take);
  draw(current);
  return { element, draw };
}

/** The server says at the field what is wrong with a file. */
function reasonOf(error) {
  const [sentence] = error.fields?.file ?? [];
  return sentence ? { ...error, detail: sentence } : error;
}

/** Answers with the small square of `file`, once it is shown. What the browser cannot read is not shown. */
async function previewed(file, show) {
  const small = await squared(file);
  if (small === file) return file;
  const url = URL.createObjectURL(small);
  show(url);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return small;
}

function takeDropped(element, take) {
  const over = (is) => element.classList.toggle("over", is);
  element.addEventListener("dragover", () => over(true));
  element.addEventListener("dragleave", ({ relatedTarget }) => over(element.contains(relatedTarget)));
  element.addEventListener("drop", ({ dataTransfer }) => {
    over(false);
    take(dataTransfer.files[0]);
  });
}

// A file dropped beside the control would be opened in place of the page.
for (const type of ["dragover", "drop"]) {
  document.addEventListener(type, (event) => document.querySelector("dialog[open]") && event.preventDefault());
}

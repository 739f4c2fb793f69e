import { api } from "./api.js";
import { el } from "./dom.js";
import { gettext } from "./i18n.js";

function kindChoice(value, title, text, checked) {
  return el(
    "label",
    { class: "kind" },
    el("input", { type: "radio", name: "kind", value, checked }),
    el("span", {}, el("b", {}, title), el("span", { class: "kind-note" }, text)),
  );
}

/** Ask for a new room's name and kind, make it, and call `made(room)`. */
export function askForRoom(made) {
  const name = el("input", { class: "input", type: "text", id: "new-room-name", name: "name", required: true, maxlength: "80", autocomplete: "off", dir: "auto" });
  const error = el("p", { class: "field-error", role: "alert", hidden: true });
  const form = el(
    "form",
    { class: "dialog-form", method: "dialog" },
    el("h2", { class: "dialog-title" }, gettext("New room")),
    el("div", { class: "field" }, el("label", { for: "new-room-name" }, gettext("Name")), name, error),
    el("div", { class: "kinds", role: "radiogroup", "aria-label": gettext("Who can come in") },
      kindChoice("public", gettext("Public"), gettext("Everyone here can find it and join."), true),
      kindChoice("private", gettext("Private"), gettext("Only those who are let in."), false)),
    el("div", { class: "dialog-buttons" },
      el("button", { type: "button", class: "button", onclick: () => dialog.close() }, gettext("Cancel")),
      el("button", { type: "submit", class: "button primary" }, gettext("Create"))),
  );
  const dialog = el("dialog", { "aria-label": gettext("New room") }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fields = { name: name.value.trim(), kind: new FormData(form).get("kind") };
    try {
      const room = await api.makeRoom(fields);
      dialog.close();
      made(room);
    } catch (failure) {
      if (!failure.code) throw failure;
      error.textContent = failure.detail || gettext("That did not work. Try again.");
      error.hidden = false;
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

import { api } from "./api.js";
import { el } from "./dom.js";
import { openDialog } from "./dialogs.js";
import { once, resultLine, sayAt, switchField, textField } from "./fields.js";
import { gettext } from "./i18n.js";
import { peoplePicker } from "./people_picker.js";

const KINDS = () => [
  ["public", gettext("Public"), gettext("Everyone here can find it and join.")],
  ["private", gettext("Private"), gettext("Only those who are let in.")],
  ["group", gettext("Group"), gettext("A few people, chosen by name.")],
];

function kindChoice([value, title, text], checked) {
  return el("label", { class: "kind" },
    el("input", { type: "radio", name: "kind", value, checked }),
    el("span", {}, el("b", {}, title), el("span", { class: "kind-note" }, text)));
}

/** Ask for a new room's kind, name and people, make it, and call `made(room)`. */
export function askForRoom({ me, made, kind = "public" }) {
  const name = textField({ label: gettext("Name"), maxlength: "80" });
  const topic = textField({ label: gettext("Topic"), maxlength: "250", note: gettext("What it is about. It can be left out.") });
  const picker = peoplePicker({ label: gettext("People"), me });
  const readOnly = switchField({ label: gettext("Only moderators write"), note: gettext("For announcements: everyone else reads.") });
  const line = resultLine();
  const submit = el("button", { type: "submit", class: "button primary" }, gettext("Create"));
  const kinds = el("div", { class: "kinds", role: "radiogroup", "aria-label": gettext("Who can come in") },
    KINDS().map((choice) => kindChoice(choice, choice[0] === kind)));
  const form = el("form", { class: "dialog-form", method: "dialog" },
    kinds, name.element, topic.element, picker.element, readOnly.element, line.element,
    el("div", { class: "dialog-buttons" }, el("button", { type: "button", class: "button", onclick: () => dialog.close() }, gettext("Cancel")), submit));
  const chosenKind = () => new FormData(form).get("kind");
  const suit = () => {
    const group = chosenKind() === "group";
    name.input.required = !group;
    name.input.placeholder = group ? gettext("The names of its people") : "";
    topic.element.hidden = group;
    readOnly.element.hidden = group;
    picker.element.hidden = chosenKind() === "public";
  };
  kinds.addEventListener("change", suit);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(submit, async () => {
      try {
        const room = await api.makeRoom(body());
        dialog.close();
        made(room);
      } catch (error) {
        sayAt(error, { name, topic }, line);
      }
    });
  });
  const body = () => {
    const group = chosenKind() === "group";
    const people = chosenKind() === "public" ? [] : [...picker.chosen.keys()];
    const fields = { name: name.input.value.trim(), kind: group ? "private" : chosenKind(), people };
    return group ? { ...fields, group } : { ...fields, topic: topic.input.value.trim(), read_only: readOnly.input.checked };
  };
  const dialog = openDialog({ title: gettext("New room"), content: form });
  suit();
  name.input.focus();
}

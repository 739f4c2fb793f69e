import { el, icon } from "./dom.js";
import { gettext } from "./i18n.js";
import { sentenceOf } from "./toasts.js";

export { sentenceOf };

let count = 0;

/**
 * A labelled text box that can say what is wrong with it: `{element, input, say(sentence)}`.
 *
 * `isTitled`: its label is heard and not seen, since a title above says the same.
 */
export function textField({ label, value = "", note = "", isTitled = false, ...attributes }) {
  count += 1;
  const id = `field-${count}`;
  const error = el("p", { class: "field-error", id: `${id}-error`, role: "alert", hidden: true });
  const tag = attributes.rows ? "textarea" : "input";
  const input = el(tag, { class: "input", id, type: attributes.rows ? null : "text", autocomplete: "off", dir: "auto", ...attributes });
  input.value = value;
  const say = (sentence) => {
    error.replaceChildren(...(sentence ? [icon("alert"), el("span", {}, sentence)] : []));
    error.hidden = !sentence;
    if (sentence) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    input.setAttribute("aria-describedby", `${id}-error`);
  };
  input.addEventListener("input", () => say(""));
  const element = el("div", { class: "field" }, el("label", { for: id, class: isTitled ? "unseen" : null }, label), input, note && el("p", { class: "field-note" }, note), error);
  return { element, input, say };
}

/** A labelled list of choices `[value, text]`: `{element, input}`. */
export function selectField({ label, value, options, changed = () => {} }) {
  count += 1;
  const id = `field-${count}`;
  const input = el("select", { class: "input", id, onchange: () => changed(input.value) },
    options.map(([one, text]) => el("option", { value: String(one), selected: String(one) === String(value) }, text)));
  return { element: el("div", { class: "field" }, el("label", { for: id }, label), input), input };
}

/** Something that is on or off, with a word of explanation. */
export function switchField({ label, note = "", checked, changed = () => {} }) {
  const input = el("input", { type: "checkbox", checked, onchange: () => changed(input.checked) });
  return { element: el("label", { class: "switch" }, input, el("span", {}, el("b", {}, label), note && el("span", { class: "kind-note" }, note))), input };
}

/** A password box with a button that shows what was typed. */
export function passwordField(options) {
  const field = textField({ type: "password", dir: "ltr", ...options });
  const eye = el("button", { type: "button", class: "icon-button", "aria-label": gettext("Show the password"), "aria-pressed": "false" }, icon("eye"));
  eye.addEventListener("click", () => {
    const shown = field.input.type === "text";
    field.input.type = shown ? "password" : "text";
    eye.setAttribute("aria-pressed", String(!shown));
    eye.replaceChildren(icon(shown ? "eye" : "eye-off"));
  });
  const frame = el("div", { class: "with-button" });
  field.input.replaceWith(frame);
  frame.append(field.input, eye);
  return field;
}

/** A line that says what came of an action: `{element, done(sentence), fail(error)}`. */
export function resultLine() {
  const element = el("p", { class: "result", role: "status", hidden: true });
  const say = (sentence, kind) => {
    element.hidden = !sentence;
    element.className = `result ${kind}`;
    element.replaceChildren(icon(kind === "good" ? "check" : "alert"), el("span", {}, sentence));
  };
  return {
    element,
    clear: () => (element.hidden = true),
    done: (sentence) => say(sentence, "good"),
    fail: (error) => say(sentenceOf(error), "bad"),
  };
}

/** Say each part of a refusal at its field, and the rest in `line`. */
export function sayAt(error, fields, line) {
  const known = Object.entries(error.fields ?? {}).filter(([name]) => fields[name]);
  for (const [name, sentences] of known) fields[name].say(sentences.join(" "));
  if (known.length) fields[known[0][0]].input.focus();
  else line.fail(error);
}

/** Run `work` with `button` out of reach, so that nothing is done twice. */
export async function once(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    return await work();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

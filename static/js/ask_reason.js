import { openDialog } from "./dialogs.js";
import { el } from "./dom.js";
import { summary } from "./excerpt.js";
import { textField } from "./fields.js";
import { gettext, interpolate } from "./i18n.js";
import { onTouch } from "./page.js";

const LONGEST = 200;

/**
 * Ask before a moderator acts on `person` (a USER), and why. Resolves with the reason, which may be "", or with null if it
 * is not to be done. `quote`: what it is about.
 */
export function askReason({ title, text, action, person, quote = "" }) {
  return new Promise((resolve) => {
    let answer = null;
    // On touch the keyboard would come up over what one is asked: it waits until one wants to write.
    const reason = textField({ label: gettext("Reason (optional)"), maxlength: LONGEST, enterkeyhint: "done", autofocus: !onTouch(), note: interpolate(gettext("It goes into the log, and %s is told it."), [person.nickname]) });
    const form = el("form", { class: "dialog-form" },
      quote && el("blockquote", { class: "report-quote", dir: "auto" }, quote),
      el("p", {}, text), reason.element,
      el("div", { class: "dialog-buttons" },
        el("button", { type: "button", class: "button", autofocus: onTouch(), onclick: () => dialog.close() }, gettext("Cancel")),
        el("button", { type: "submit", class: "button danger" }, action)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer = reason.input.value.trim();
      dialog.close();
    });
    const dialog = openDialog({ title, content: form, closed: () => resolve(answer) });
  });
}

/** What another wrote is not taken down at once: one is asked, and may say why. `command(fields)` sends it. */
export async function takeDown(message, command) {
  const { author, id } = message;
  const text = interpolate(gettext("Nobody sees any more what %s wrote. It can be restored."), [author.nickname]);
  const reason = await askReason({ title: gettext("Take down this message?"), text, action: gettext("Take down"), person: author, quote: summary(message) });
  if (reason !== null) await command({ type: "message.delete", id, ...(reason ? { reason } : {}) });
}

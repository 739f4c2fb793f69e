import { api } from "./api.js";
import { isoDay } from "./dates.js";
import { openDialog } from "./dialogs.js";
import { el } from "./dom.js";
import { resultLine, textField } from "./fields.js";
import { gettext } from "./i18n.js";

const today = () => isoDay(Date.now());

/** When a day written as 2026-01-31 begins where the reader is, or null for what is no day. */
function beginning(text) {
  const [, year, month, day] = text.match(/^(\d{4})-(\d{1,2})-(\d{1,2})$/)?.map(Number) ?? [];
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day ? date : null;
}

/** Show the first message of that day or, if nobody spoke then, the next one. Throws an error with a sentence. */
export async function goTo(text, { room, chat }) {
  const date = beginning(text);
  if (!date) throw { code: "invalid", detail: gettext("Write the day like 2026-01-31.") };
  const { at } = await api.messages(room.id, { at: date.toISOString(), limit: 1 });
  if (at === null) throw { code: "not_found", detail: gettext("Nothing was said since that day.") };
  await chat.go(room.id, at);
}

/** Ask for a day, and go there. */
export function askForDate(context, day = today()) {
  const line = resultLine();
  const { element, input } = textField({ label: gettext("Day"), type: "date", value: day, max: today(), required: true });
  const go = async (event) => {
    event.preventDefault();
    try {
      // First, or the dialog would give the focus back to where it was.
      const wanted = input.value;
      if (!beginning(wanted)) return line.fail({ code: "invalid", detail: gettext("Write the day like 2026-01-31.") });
      await goTo(wanted, { ...context, chat: { go: (id, at) => (target = [id, at]) } });
      dialog.close();
    } catch (error) {
      line.fail(error);
    }
  };
  let target = null;
  const form = el("form", { class: "dialog-form", onsubmit: go }, element, line.element, el("div", { class: "dialog-buttons" }, el("button", { type: "submit", class: "button primary" }, gettext("Go there"))));
  const dialog = openDialog({ title: gettext("Go to a day"), content: [form], closed: () => target && context.chat.go(...target) });
  return dialog;
}

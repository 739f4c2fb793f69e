import { api } from "./api.js";
import { openDialog } from "./dialogs.js";
import { el } from "./dom.js";
import { summary } from "./excerpt.js";
import { once, resultLine, textField } from "./fields.js";
import { gettext, interpolate } from "./i18n.js";
import { keep, recall } from "./storage.js";
import { toast } from "./toasts.js";

const REASONS = () => [
  ["spam", gettext("Spam or advertising")],
  ["harassment", gettext("Insults or harassment")],
  ["hate", gettext("Hate or threats")],
  ["unwanted", gettext("Sexual or violent content")],
  ["privacy", gettext("Private data of somebody")],
  ["other", gettext("Something else")],
];
const SEEN = "reports-seen";
// Kept once something was reported here: then it is worth asking what came of it.
const REPORTED = "reported";

/** Ask what is wrong with a message or a person, and tell the moderators. */
export function openReport({ message = null, user }) {
  const line = resultLine();
  const text = textField({ label: gettext("What should moderators know?"), rows: 3, maxlength: 500 });
  const reasons = el("div", { class: "kinds", role: "radiogroup", "aria-label": gettext("What is wrong?") },
    REASONS().map(([value, label], index) => el("label", { class: "kind" }, el("input", { type: "radio", name: "reason", value, checked: index === 0 }), el("span", {}, el("b", {}, label)))));
  const send = el("button", { type: "submit", class: "button primary" }, gettext("Report"));
  const form = el("form", { class: "dialog-form" },
    message && el("blockquote", { class: "report-quote" }, summary(message)),
    reasons, text.element,
    el("p", { class: "field-note" }, gettext("Moderators see who reported. The person does not. You are told what came of it.")),
    line.element, el("div", { class: "dialog-buttons" }, send));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(send, async () => {
      try {
        const reason = form.elements.reason.value;
        await api.report({ ...(message ? { message: message.id } : { user: user.id }), reason, text: text.input.value.trim() });
        keep(REPORTED, "yes");
        dialog.close();
        toast(gettext("Thank you. A moderator will look at it."));
      } catch (error) {
        line.fail(error);
      }
    });
  });
  const dialog = openDialog({ title: message ? gettext("Report this message") : interpolate(gettext("Report %s"), [user.nickname]), content: form });
  return dialog;
}

/** Say what came of a report. */
export function sayOutcome(report) {
  const seen = JSON.parse(recall(SEEN) ?? "[]");
  if (seen.includes(report.id)) return;
  keep(SEEN, JSON.stringify([...seen, report.id].slice(-100)));
  const sentence = report.outcome === "acted" ? gettext("Your report about %s: something was done about it. Thank you.") : gettext("Your report about %s: a moderator looked at it, and nothing had to be done.");
  toast(interpolate(sentence, [report.user.nickname]));
}

/** Say what came of reports while one was away. */
export async function sayOutcomes() {
  const { reports } = await api.reports().catch(() => ({ reports: [] }));
  for (const report of reports.filter((one) => one.status === "closed").slice(0, 3)) sayOutcome(report);
}

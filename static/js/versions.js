import { api } from "./api.js";
import { fullLabel } from "./dates.js";
import { openDialog } from "./dialogs.js";
import { el } from "./dom.js";
import { resultLine } from "./fields.js";
import { gettext } from "./i18n.js";

/** What a message said before it was edited, the newest text first. */
export async function openVersions(message) {
  const line = resultLine();
  const list = el("ol", { class: "versions" }, version(message.body, message.edited_at, gettext("Now")));
  openDialog({ title: gettext("Earlier texts"), content: [list, line.element] });
  try {
    const { versions } = await api.versions(message.id);
    list.append(...versions.map((one) => version(one.body, one.written_at)));
    if (!versions.length) list.append(el("li", { class: "field-note" }, gettext("None was kept.")));
  } catch (error) {
    line.fail(error);
  }
}

function version(body, when, note = "") {
  return el("li", { class: "version" },
    el("p", { class: "field-note" }, note && el("b", {}, `${note} · `), el("time", { datetime: when }, fullLabel(when))),
    el("p", { class: "version-text", dir: "auto" }, body));
}

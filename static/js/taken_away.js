import { api } from "./api.js";
import { openDialog } from "./dialogs.js";
import { el } from "./dom.js";
import { gettext, interpolate } from "./i18n.js";
import { keep, recall } from "./storage.js";

const TOLD = "taken-away";

/** Say once in this browser that moderators took one's nickname or picture away, why, and where to choose another. */
export function sayTaken(taken, { me, openMySettings }) {
  const at = taken && String(Date.parse(taken.at));
  if (!at || recall(TOLD) === at) return;
  keep(TOLD, at);
  const said = [
    taken.nickname && interpolate(gettext("A moderator took your nickname “%s” away."), [taken.nickname]),
    taken.nickname && interpolate(gettext("You are called %s now, also when you sign in. You can choose another nickname, but not the same."), [me.nickname]),
    taken.picture && gettext("A moderator took your picture away. You can choose another."),
  ].filter(Boolean);
  const choose = el("button", { type: "button", class: "button primary" }, gettext("Choose another"));
  const dialog = openDialog({
    title: taken.nickname ? gettext("Your nickname has changed") : gettext("Your picture was taken away"),
    content: [
      ...said.map((sentence) => el("p", { dir: "auto" }, sentence)),
      taken.reason && el("p", { dir: "auto" }, interpolate(gettext("Why: %s"), [taken.reason])),
      el("div", { class: "dialog-buttons" }, choose),
    ],
  });
  choose.addEventListener("click", () => {
    dialog.close();
    openMySettings("profile");
  });
}

/** Look whether something was taken just now. */
export async function lookForTaken(context) {
  const { taken_away: taken } = await api.me().catch(() => ({}));
  sayTaken(taken, context);
}

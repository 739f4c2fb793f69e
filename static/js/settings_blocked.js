import { api } from "./api.js";
import { avatar, el } from "./dom.js";
import { once, resultLine } from "./fields.js";
import { gettext } from "./i18n.js";

/** Whom I have blocked. */
export function blockedPage({ blocks }) {
  const line = resultLine();
  const list = el("ul", { class: "plain-list", tabindex: "-1", "aria-label": gettext("Blocked people") });
  const load = () => api.blocks().then((answer) => draw(answer.blocks), (error) => line.fail(error));
  const draw = (people) => {
    list.replaceChildren(...people.map(row));
    if (!people.length) list.append(el("li", { class: "empty-note" }, gettext("Nobody. To block someone, open that person's card.")));
  };
  const row = (user) => {
    const unblock = el("button", { type: "button", class: "button" }, gettext("Unblock"));
    unblock.addEventListener("click", () => once(unblock, async () => {
      try {
        await blocks.set(user.id, false);
        await load();
        list.focus();
      } catch (error) {
        line.fail(error);
      }
    }));
    return el("li", { class: "plain-row" }, avatar(user, 32), el("b", { class: "member-text", dir: "auto" }, user.nickname), unblock);
  };
  load();
  return [el("p", {}, gettext("They cannot write to you in private, and what they say in rooms is folded away.")), line.element, list];
}

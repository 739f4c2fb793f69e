import { api } from "./api.js";
import { el, icon } from "./dom.js";
import { once, resultLine, textField } from "./fields.js";
import { gettext, interpolate } from "./i18n.js";
import { page } from "./page.js";

/** The way to the moderators' desk, for those who have it; and the end of the account. */
export function accountPage({ me }) {
  const desk = [
    page.is_staff && el("a", { class: "button", href: "/admin/" }, icon("shield"), gettext("Moderation")),
    page.is_admin && el("a", { class: "button", href: "/admin/accounts/admission/" }, icon("user-plus"), gettext("Who may come in")),
  ].filter(Boolean);
  return [desk.length > 0 && el("div", { class: "page-links" }, desk), el("h3", { class: "page-title" }, gettext("Delete the account")), deletion(me)];
}

function deletion(me) {
  const line = resultLine();
  const asked = me.nickname;
  const name = textField({ label: interpolate(gettext("Type “%s” to agree"), [asked]), spellcheck: "false" });
  const remove = el("button", { type: "submit", class: "button danger" }, gettext("Delete the account for ever"));
  const form = el("form", { class: "dialog-form" }, name.element, line.element, el("div", { class: "dialog-buttons" }, remove));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (name.input.value.trim() !== asked) return name.say(gettext("That is not your nickname."));
    once(remove, async () => {
      try {
        await api.deleteMe();
        location.assign("/");
      } catch (error) {
        line.fail(error);
      }
    });
  });
  return el("div", { class: "page" }, el("p", {}, gettext("You leave all rooms, and the nickname is free again. What you wrote stays, marked as by a former member. This cannot be undone.")), form);
}

import { api } from "./api.js";
import { el } from "./dom.js";
import { once, passwordField, resultLine, sayAt } from "./fields.js";
import { gettext } from "./i18n.js";

/** A guest sets a first password and keeps everything; others change theirs. */
export function passwordPage({ me }) {
  const frame = el("div", { class: "page" });
  const draw = (hasPassword) => {
    const line = resultLine();
    frame.replaceChildren(...parts(me, { hasPassword, line }, changed));
    return line;
  };
  const changed = () => {
    draw(true).done(gettext("Saved. Everywhere else you are signed out."));
    frame.querySelector("h3").focus();
  };
  draw(!me.is_guest);
  return frame;
}

function parts(me, { hasPassword, line }, changed) {
  const current = passwordField({ label: gettext("Present password"), autocomplete: "current-password", required: hasPassword });
  const password = passwordField({ label: gettext("New password"), autocomplete: "new-password", required: true, note: gettext("Eight characters or more, and not a common word.") });
  const save = el("button", { type: "submit", class: "button primary" }, hasPassword ? gettext("Change the password") : gettext("Set the password"));
  const name = el("input", { class: "unseen", type: "text", autocomplete: "username", value: me.nickname, readonly: true, tabindex: "-1", "aria-hidden": "true" });
  const form = el("form", { class: "dialog-form" }, name, hasPassword && current.element, password.element, line.element, el("div", { class: "dialog-buttons" }, save));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(save, async () => {
      line.clear();
      const fields = { password: password.input.value };
      if (hasPassword) fields.current_password = current.input.value;
      try {
        Object.assign(me, { is_guest: (await api.updateMe(fields)).is_guest });
        changed();
      } catch (error) {
        sayAt(error, { password, current_password: current }, line);
      }
    });
  });
  const text = hasPassword
    ? gettext("A new password signs you out everywhere else.")
    : gettext("With a password this nickname is yours, on every device. You keep your rooms, chats and messages.");
  const title = hasPassword ? gettext("Change the password") : gettext("Set a password and keep everything");
  return [el("h3", { class: "page-title", tabindex: "-1" }, title), el("p", {}, text), form];
}

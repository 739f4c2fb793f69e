import { api } from "./api.js";
import { el, icon } from "./dom.js";
import { once, resultLine, sayAt, textField } from "./fields.js";
import { gettext, interpolate } from "./i18n.js";
import { page } from "./page.js";
import { pictureControl } from "./picture_upload.js";

/** Nickname and face; everyone sees a change at once. */
export function profilePage({ me }) {
  const line = resultLine();
  const frame = el("div", { class: "page" });
  const pictured = async (work) => {
    const now = await work;
    drawn.draw(now);
    return now.picture ? now.avatar_url : null;
  };
  const drawn = drawnAvatars(line);
  const picture = pictureControl({
    label: gettext("Your picture"), current: null, empty: () => icon("user"),
    upload: (file) => pictured(api.setPicture(file)), remove: () => pictured(api.removePicture()),
  });
  drawn.chosen = () => picture.draw(null);
  api.me().then((now) => {
    drawn.draw(now);
    picture.draw(now.picture ? now.avatar_url : null);
  }, (error) => line.fail(error));
  frame.append(nicknameForm(me), el("h3", { class: "page-title" }, gettext("Avatar")), drawn.element, line.element,
    el("h3", { class: "page-title" }, gettext("or a picture of your own")), picture.element);
  return frame;
}

function nicknameForm(me) {
  const line = resultLine();
  const nickname = textField({ label: gettext("Nickname"), value: me.nickname, required: true, maxlength: "64", autocomplete: "nickname", spellcheck: "false" });
  const save = el("button", { type: "submit", class: "button primary" }, gettext("Save"));
  const suggestion = el("button", { type: "button", class: "suggestion", hidden: true });
  const form = el("form", { class: "dialog-form" }, nickname.element, suggestion, line.element, el("div", { class: "dialog-buttons" }, save));
  const change = (name) => once(save, async () => {
    line.clear();
    suggestion.hidden = true;
    try {
      const now = await api.updateMe({ nickname: name });
      nickname.input.value = now.nickname;
      line.done(gettext("Saved"));
    } catch (error) {
      sayAt(error, { nickname }, line);
      suggestion.hidden = !error.suggestion;
      suggestion.textContent = interpolate(gettext("Be “%s” instead"), [error.suggestion]);
      suggestion.onclick = () => change(error.suggestion);
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    change(nickname.input.value.trim());
  });
  return form;
}

/** The avatars drawn for the site, as on the sign-in card. */
function drawnAvatars(line) {
  const element = el("div", { class: "avatar-grid", role: "radiogroup", "aria-label": gettext("Avatar") });
  const control = { element, chosen: () => {} };
  const choose = async (name) => {
    try {
      await api.updateMe({ avatar: name });
      control.chosen();
    } catch (error) {
      line.fail(error);
    }
  };
  for (const { name, label, url } of page.avatars) {
    element.append(el("label", { class: "avatar-choice" },
      el("input", { type: "radio", name: "my-avatar", value: name, "aria-label": label, onchange: () => choose(name) }),
      el("img", { src: url, alt: "", width: 40, height: 40, loading: "lazy" })));
  }
  control.draw = ({ avatar, picture }) => {
    for (const input of element.querySelectorAll("input")) input.checked = !picture && input.value === avatar;
  };
  return control;
}

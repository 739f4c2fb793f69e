import { distance } from "./ago.js";
import { api } from "./api.js";
import { copy } from "./clipboard.js";
import { confirmed } from "./dialogs.js";
import { el, iconButton } from "./dom.js";
import { once, resultLine, sayAt, selectField, textField } from "./fields.js";
import { gettext, interpolate } from "./i18n.js";

const DAYS = () => [["7", gettext("7 days")], ["60", gettext("60 days")], ["365", gettext("1 year")]];

/** Where one is signed in: browsers, and tokens of programs. */
export function signInsPage() {
  const line = resultLine();
  const everywhere = el("button", { type: "button", class: "button danger", onclick: () => signOut(line) }, gettext("Sign out everywhere"));
  return [sessions(line), line.element, el("div", { class: "page-end" }, everywhere), el("h3", { class: "page-title" }, gettext("Tokens for bots and scripts")), tokens()];
}

async function signOut(line) {
  const text = gettext("On every device, here too. Tokens end with it. A nickname without a password is then lost.");
  if (!(await confirmed({ title: gettext("Sign out everywhere"), text, action: gettext("Sign out") }))) return;
  try {
    await api.signOutEverywhere();
    location.assign("/");
  } catch (error) {
    line.fail(error);
  }
}

function sessions(line) {
  const list = el("ul", { class: "plain-list", "aria-label": gettext("Browsers") });
  const load = () => api.sessions().then((answer) => list.replaceChildren(...answer.sessions.map(row)), (error) => line.fail(error));
  const row = (session) => {
    const end = el("button", { type: "button", class: "button" }, gettext("Sign out"));
    end.addEventListener("click", () => once(end, async () => {
      try {
        await api.endSession(session.id);
        await load();
      } catch (error) {
        line.fail(error);
      }
    }));
    const note = session.current ? gettext("this one") : interpolate(gettext("last used %s"), [distance(session.last_used_at)]);
    return el("li", { class: "plain-row" },
      el("span", { class: "member-text" }, el("b", {}, session.browser || gettext("Some browser")), el("span", { class: "field-note" }, `${interpolate(gettext("since %s"), [distance(session.created_at)])} · ${note}`)),
      !session.current && end);
  };
  load();
  return list;
}

function tokens() {
  const line = resultLine();
  const name = textField({ label: gettext("Name"), maxlength: "80", required: true, placeholder: gettext("What it is for") });
  const days = selectField({ label: gettext("Good for"), value: "60", options: DAYS() });
  const make = el("button", { type: "submit", class: "button" }, gettext("Make a token"));
  const made = el("div", { class: "secret", hidden: true });
  const list = el("ul", { class: "plain-list", "aria-label": gettext("Tokens") });
  const load = () => api.tokens().then((answer) => draw(answer.tokens), (error) => line.fail(error));
  const draw = (found) => {
    list.replaceChildren(...found.map((token) => tokenRow(token, load, line)));
    if (!found.length) list.append(el("li", { class: "empty-note" }, gettext("None.")));
  };
  const form = el("form", { class: "token-form" }, name.element, days.element, make);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(make, async () => {
      line.clear();
      try {
        const token = await api.makeToken({ name: name.input.value.trim(), days: Number(days.input.value) });
        name.input.value = "";
        show(made, token.secret);
        await load();
      } catch (error) {
        sayAt(error, { name }, line);
      }
    });
  });
  load();
  return el("div", { class: "links" }, form, made, line.element, list);
}

function show(made, secret) {
  const box = el("input", { class: "input link-box", readonly: true, "aria-label": gettext("Token"), onfocus: () => box.select() });
  box.value = secret;
  made.replaceChildren(el("p", {}, gettext("Copy it now: it is not shown again.")), el("div", { class: "link-line" }, box, iconButton("copy", gettext("Copy"), { onclick: () => copy(secret) })));
  made.hidden = false;
  box.focus();
}

function tokenRow(token, changed, line) {
  const revoke = el("button", { type: "button", class: "button" }, gettext("Revoke"));
  revoke.addEventListener("click", () => once(revoke, async () => {
    try {
      await api.revokeToken(token.id);
      changed();
    } catch (error) {
      line.fail(error);
    }
  }));
  return el("li", { class: "plain-row" },
    el("span", { class: "member-text" }, el("b", { dir: "auto" }, token.name || gettext("Without a name")), el("span", { class: "field-note" }, interpolate(gettext("ends %s"), [distance(token.expires_at)]))), revoke);
}

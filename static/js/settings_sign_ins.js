import { api } from "./api.js";
import { copy } from "./clipboard.js";
import { distance } from "./dates.js";
import { confirmed } from "./dialogs.js";
import { el, icon, iconButton } from "./dom.js";
import { once, resultLine, sayAt, selectField, textField } from "./fields.js";
import { gettext, interpolate } from "./i18n.js";
import { byId } from "./page.js";

const DAYS = () => [["7", gettext("7 days")], ["60", gettext("60 days")], ["365", gettext("1 year")]];

/** Where one is signed in: browsers, and tokens of programs. */
export function signInsPage({ me }) {
  const line = resultLine();
  const here = el("button", { type: "button", class: "button", onclick: () => signOutHere(me) }, icon("sign-out"), gettext("Sign out"));
  const everywhere = el("button", { type: "button", class: "button danger", onclick: () => signOut(line) }, gettext("Sign out everywhere"));
  return [sessions(line), line.element, el("div", { class: "page-end" }, here, everywhere), el("h3", { class: "page-title" }, gettext("Tokens for bots and scripts")), tokens()];
}

/** A guest is asked first: there is no way back to the nickname. */
async function signOutHere(me) {
  const text = gettext("You have no password: once signed out, this nickname cannot be used again.");
  if (me.is_guest && !(await confirmed({ title: gettext("Sign out"), text, action: gettext("Sign out") }))) return;
  byId("sign-out").requestSubmit();
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
  const list = el("ul", { class: "plain-list", tabindex: "-1", "aria-label": gettext("Browsers") });
  const load = () => api.sessions().then((answer) => list.replaceChildren(...answer.sessions.map(row)), (error) => line.fail(error));
  const row = (session) => {
    if (session.current) return sessionRow(session, el("span", { class: "tag" }, gettext("this one")));
    const end = el("button", { type: "button", class: "button" }, gettext("Sign out"));
    end.addEventListener("click", () => once(end, async () => {
      try {
        await api.endSession(session.id);
        await load();
        list.focus();
      } catch (error) {
        line.fail(error);
      }
    }));
    return sessionRow(session, end);
  };
  load();
  return list;
}

function sessionRow({ browser, created_at: since, last_used_at: used, current }, end) {
  const times = [interpolate(gettext("signed in %s"), [distance(since)])];
  if (!current) times.push(interpolate(gettext("last used %s"), [distance(used)]));
  return el("li", { class: "plain-row" },
    el("span", { class: "member-text" }, el("b", {}, browser || gettext("Some browser")), el("span", { class: "field-note" }, times.join(" · "))), end);
}

function tokens() {
  const line = resultLine();
  const name = textField({ label: gettext("Name"), maxlength: "80", required: true, placeholder: gettext("What it is for") });
  const days = selectField({ label: gettext("Good for"), value: "60", options: DAYS() });
  const make = el("button", { type: "submit", class: "button" }, gettext("Make a token"));
  const made = el("div", { class: "secret", hidden: true });
  const list = el("ul", { class: "plain-list", tabindex: "-1", "aria-label": gettext("Tokens") });
  const load = () => api.tokens().then((answer) => draw(answer.tokens), (error) => line.fail(error));
  const revoked = () => load().then(() => list.focus());
  const draw = (found) => {
    list.replaceChildren(...found.map((token) => tokenRow(token, revoked, line)));
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
      await changed();
    } catch (error) {
      line.fail(error);
    }
  }));
  return el("li", { class: "plain-row" },
    el("span", { class: "member-text" }, el("b", { dir: "auto" }, token.name || gettext("Without a name")), el("span", { class: "field-note" }, interpolate(gettext("ends %s"), [distance(token.expires_at)]))), revoke);
}

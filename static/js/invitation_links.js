import { api } from "./api.js";
import { copy } from "./clipboard.js";
import { distance } from "./dates.js";
import { el, icon, iconButton } from "./dom.js";
import { once, resultLine, selectField } from "./fields.js";
import { gettext, interpolate, ngettext } from "./i18n.js";

const DAYS = () => [["", gettext("Never expires")], ["1", gettext("1 day")], ["7", gettext("7 days")], ["30", gettext("30 days")]];
const USES = () => [["", gettext("Any number")], ["1", gettext("1 use")], ["10", gettext("10 uses")], ["100", gettext("100 uses")]];

/** The links into a room (or without one into the site): made, copied, shown as a QR code, taken back. */
export function invitationLinks(room = null) {
  const list = el("ul", { class: "link-list", "aria-label": gettext("Invitation links") });
  const line = resultLine();
  const days = selectField({ label: gettext("Good for"), value: "7", options: DAYS() });
  const uses = selectField({ label: gettext("How often"), value: "", options: USES() });
  const make = el("button", { type: "button", class: "button primary" }, icon("link"), gettext("Make a link"));
  const draw = (invitations) => {
    const good = invitations.filter((invitation) => invitation.good);
    list.replaceChildren(...good.map((invitation) => linkRow(invitation, load, line)));
    if (!good.length) list.append(el("li", { class: "empty-note" }, gettext("No link is out now.")));
  };
  const load = async () => {
    try {
      draw((await api.invitations(room)).invitations);
    } catch (error) {
      line.fail(error);
    }
  };
  make.addEventListener("click", () => once(make, async () => {
    const fields = { room, days: Number(days.input.value) || null, max_uses: Number(uses.input.value) || null };
    try {
      const made = await api.invite(fields);
      await load();
      copy(made.url);
    } catch (error) {
      line.fail(error);
    }
  }));
  load();
  return el("div", { class: "links" }, el("div", { class: "link-form" }, days.element, uses.element, make), line.element, list);
}

function linkRow(invitation, changed, line) {
  const left = invitation.expires_at ? interpolate(gettext("ends %s"), [distance(invitation.expires_at)]) : gettext("never expires");
  const uses = interpolate(ngettext("%s use", "%s uses", invitation.uses), [invitation.uses]);
  const used = invitation.max_uses ? interpolate(gettext("used %(uses)s of %(most)s"), { uses: invitation.uses, most: invitation.max_uses }) : uses;
  const picture = el("img", { class: "qr", alt: gettext("QR code of the link"), width: 200, height: 200, hidden: true });
  const qr = iconButton("qr", gettext("Show as QR code"), { "aria-expanded": "false", onclick: () => toggle() });
  const toggle = () => {
    picture.hidden = !picture.hidden;
    picture.src = invitation.qr_url;
    qr.setAttribute("aria-expanded", String(!picture.hidden));
  };
  const revoke = iconButton("trash", gettext("Take the link back"), { onclick: () => once(revoke, async () => {
    try {
      await api.revoke(invitation.code);
      changed();
    } catch (error) {
      line.fail(error);
    }
  }) });
  const box = el("input", { class: "input link-box", readonly: true, "aria-label": gettext("Invitation link"), onfocus: () => box.select() });
  box.value = invitation.url;
  return el("li", { class: "link-row" },
    el("div", { class: "link-line" }, box, iconButton("copy", gettext("Copy link"), { onclick: () => copy(invitation.url) }), qr, revoke),
    el("p", { class: "field-note" }, [invitation.by.nickname, left, used].join(" · ")), picture);
}

import { accountPage } from "./settings_account.js";
import { blockedPage } from "./settings_blocked.js";
import { openPages } from "./dialogs.js";
import { el } from "./dom.js";
import { gettext } from "./i18n.js";
import { invitationLinks } from "./invitation_links.js";
import { lookPage } from "./settings_look.js";
import { notificationsPage } from "./settings_notifications.js";
import { passwordPage } from "./settings_password.js";
import { profilePage } from "./settings_profile.js";
import { signInsPage } from "./settings_sign_ins.js";

/** One's own settings, at the page `first`. */
export function openSettings({ me, blocks, first = "profile" }) {
  const pages = [
    { id: "profile", name: gettext("Profile"), build: () => profilePage({ me }) },
    { id: "look", name: gettext("Language and look"), build: () => lookPage() },
    { id: "notifications", name: gettext("Notifications"), build: () => notificationsPage({ me }) },
    { id: "password", name: gettext("Password"), build: () => passwordPage({ me }) },
    { id: "sign-ins", name: gettext("Signed in"), build: () => signInsPage({ me }) },
    { id: "blocked", name: gettext("Blocked people"), build: () => blockedPage({ blocks }) },
    { id: "invite", name: gettext("Invite"), build: () => invitePage() },
    { id: "account", name: gettext("Account"), build: () => accountPage({ me }) },
  ];
  const dialog = openPages({ title: gettext("Settings"), pages, first: pages.findIndex(({ id }) => id === first) });
  dialog.classList.add("settings");
}

function invitePage() {
  return [el("p", {}, gettext("Whoever opens such a link comes into this site. To invite people into one room, open its settings.")), invitationLinks()];
}

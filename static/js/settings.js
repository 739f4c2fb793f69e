import { accountPage } from "./settings_account.js";
import { blockedPage } from "./settings_blocked.js";
import { openPages } from "./dialogs.js";
import { el } from "./dom.js";
import { gettext } from "./i18n.js";
import { invitationLinks } from "./invitation_links.js";
import { passwordPage } from "./settings_password.js";
import { profilePage } from "./settings_profile.js";
import { signInsPage } from "./settings_sign_ins.js";

/** One's own settings. */
export function openSettings({ me, blocks }) {
  openPages({
    title: gettext("Settings"),
    pages: [
      { name: gettext("Profile"), build: () => profilePage({ me }) },
      { name: gettext("Password"), build: () => passwordPage({ me }) },
      { name: gettext("Signed in"), build: () => signInsPage() },
      { name: gettext("Blocked people"), build: () => blockedPage({ blocks }) },
      { name: gettext("Invite"), build: () => invitePage() },
      { name: gettext("Account"), build: () => accountPage({ me }) },
    ],
  });
}

function invitePage() {
  return [el("p", {}, gettext("Whoever opens such a link comes into this site. To invite people into one room, open its settings.")), invitationLinks()];
}

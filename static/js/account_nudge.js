import { byId } from "./page.js";
import { keep, recall } from "./storage.js";

const LONG = 24 * 60 * 60 * 1000;
const MANY = 20;

/** One line in the menu for a guest who has come to stay: after a day or many messages, until it is put away. */
export function nudgeGuest({ me, outbox, openSettings }) {
  const key = `guest ${me.id}`;
  const known = { since: Date.now(), sent: 0, ...JSON.parse(recall(key) ?? "{}") };
  const note = (changes) => keep(key, JSON.stringify(Object.assign(known, changes)));
  const draw = () => {
    const line = byId("guest-nudge");
    const stays = Date.now() - known.since > LONG || known.sent >= MANY;
    if (line) line.hidden = known.away || !stays;
  };
  note({});
  // All tabs hear of each message; the one where it was written counts it.
  outbox.addEventListener("sent", () => document.hasFocus() && note({ sent: known.sent + 1 }));
  byId("me-menu").addEventListener("beforetoggle", draw);
  byId("guest-nudge").addEventListener("click", ({ target }) => {
    if (target.closest("#set-password")) return openSettings("password");
    if (!target.closest("#nudge-away")) return;
    note({ away: true });
    draw();
    byId("open-settings").focus();
  });
}

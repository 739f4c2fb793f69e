import { gettext, interpolate, ngettext } from "./i18n.js";
import { byId } from "./page.js";

const NAMES = {
  connecting: () => gettext("Connecting"),
  live: () => gettext("Live"),
  offline: () => gettext("Offline"),
  restarting: () => gettext("Server restarting"),
};

/** What the line to the server is doing, and how much waits for it. */
export function showConnection({ connection, outbox }) {
  const box = byId("connection");
  const text = byId("connection-text");
  const draw = () => {
    const { status } = connection;
    const waiting = status === "live" ? 0 : outbox.waiting;
    const count = waiting ? ` · ${interpolate(ngettext("%s waiting", "%s waiting", waiting), [waiting])}` : "";
    const said = NAMES[status]() + count;
    box.dataset.status = status;
    if (text.textContent !== said) text.textContent = said;
  };
  connection.addEventListener("status", draw);
  outbox.addEventListener("changed", draw);
  draw();
}

import { api } from "./api.js";
import { el } from "./dom.js";
import { summary } from "./excerpt.js";
import { gettext, interpolate } from "./i18n.js";
import { roomName } from "./rooms.js";
import { showToast } from "./toasts.js";

const MOST = 50;

/** Learn what became of held messages while nobody was here: what was refused says so, what was let through waits no more. */
export async function askAfterHeld({ outbox, rooms, chat }) {
  const refs = outbox.held.map(({ ref }) => ref).slice(0, MOST);
  // Where it cannot be asked now, the next reconnect asks.
  const answer = await api.held(refs).catch((error) => (error.code ? null : Promise.reject(error)));
  if (!answer) return;
  const { held } = answer;
  const known = new Set(held.map(({ ref }) => ref));
  // Decided so long ago that the site has forgotten it. Sent again under its ref it is in the room once, whatever it was.
  for (const item of outbox.held.filter(({ ref }) => refs.includes(ref) && !known.has(ref))) await outbox.fail(item, "forgotten", gettext("What became of it is not known any more."));
  for (const { ref, status, detail } of held) {
    const item = outbox.held.find((one) => one.ref === ref);
    if (!item || status === "waiting") continue;
    if (status === "posted") await outbox.letThrough(ref);
    else await outbox.turnedDown(ref, detail);
    if (status === "refused") tell(item, detail, { rooms, chat });
  }
}

/** Say it wherever one is now: the room of the message may be another. */
function tell({ room: id, body, files: attachments }, detail, { rooms, chat }) {
  const room = rooms.get(id);
  const title = room ? interpolate(gettext("Your message in %s was not let through."), [roomName(room)]) : gettext("A message of yours was not let through.");
  const text = [summary({ body, attachments }), detail].filter(Boolean).join(" · ");
  showToast(el("button", { type: "button", class: "toast news", onclick: () => room && chat.go(id) }, el("b", { dir: "auto" }, title), " ", el("span", { dir: "auto" }, text)));
}

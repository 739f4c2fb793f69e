import { page } from "./page.js";
import { worker } from "./worker_line.js";

export const tagOf = (room) => `room-${room}`;

/** Whether this browser may show notifications: "granted", "denied", "default", or "none" where it has none. */
export const permission = () => globalThis.Notification?.permission ?? "none";

/**
 * Show a notification of a room, in the place of the one before. `open()` is called when it is pressed, unless the
 * service worker does that. `data`: {url, room, seq, message}.
 */
export async function notify({ title, body, tag, data, quiet, open }) {
  if (permission() !== "granted") return;
  const options = { body, tag, data, icon: page.urls.icon, renotify: !quiet, silent: quiet, lang: page.language };
  const registration = await worker();
  if (registration?.active) return registration.showNotification(title, options);
  const shown = new Notification(title, options);
  shown.onclick = () => {
    window.focus();
    shown.close();
    open();
  };
}

/** How many messages the notification of a room stands for, if one is shown. */
export async function shownCount(room) {
  const shown = (await (await worker())?.getNotifications({ tag: tagOf(room) })) ?? [];
  return shown.reduce((most, { data }) => Math.max(most, data?.count ?? 1), 0);
}

/** Put away what is shown of a room: it was read. */
export async function putAway(room) {
  for (const shown of (await (await worker())?.getNotifications({ tag: tagOf(room) })) ?? []) shown.close();
}

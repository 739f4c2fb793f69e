import { api } from "./api.js";
import { permission } from "./desktop.js";
import { gettext } from "./i18n.js";
import { keep, recall } from "./storage.js";
import { worker } from "./worker_line.js";

const key = (me) => `push ${me.id}`;

/** Whether this browser could be called when no tab is open. */
export async function canBeCalled() {
  return Boolean((await worker())?.pushManager && globalThis.PushManager);
}

export const wantsCalls = (me) => recall(key(me)) === "1";

/** Have this browser called from now on. Raises what the browser or the server refuses with. */
export async function startCalls(me) {
  const registration = await navigator.serviceWorker.ready;
  const { key: applicationServerKey } = await api.pushKey();
  const options = { userVisibleOnly: true, applicationServerKey };
  let subscription;
  try {
    subscription = await registration.pushManager.subscribe(options);
  } catch (error) {
    // The rest is what is left from another key of the site.
    if (error.name !== "InvalidStateError") throw { code: "refused", detail: gettext("The push service of your browser cannot be reached. Try again later.") };
    await (await registration.pushManager.getSubscription())?.unsubscribe();
    subscription = await registration.pushManager.subscribe(options);
  }
  const { endpoint, keys } = subscription.toJSON();
  const device = await api.addDevice({ endpoint, keys });
  keep(key(me), "1");
  keep(`${key(me)} device`, String(device.id));
}

/** Call this browser no more. */
export async function stopCalls(me) {
  keep(key(me), null);
  const subscription = await (await worker())?.pushManager?.getSubscription();
  await subscription?.unsubscribe();
  const id = recall(`${key(me)} device`);
  keep(`${key(me)} device`, null);
  if (id) await api.removeDevice(id).catch((error) => error.code === "not_found" || Promise.reject(error));
}

/** At each start: who wants to be called is, though the last sign-in has ended or the browser's address has changed. */
export async function renewDevice(me) {
  if (!wantsCalls(me) || permission() !== "granted" || !(await canBeCalled())) return;
  await startCalls(me).catch(() => {});
}

// The page's side of the service worker (chatsite/worker.js). Where there is none, as without https, nothing happens.
const OFTEN = 60_000;

export const build = document.documentElement.dataset.build ?? "";

let registering = null;
let looked = 0;

/** The registration, or null where there can be none. */
export function worker() {
  registering ??= register();
  return registering;
}

async function register() {
  // While developing files have no lasting names: nothing is kept.
  if (!build || !navigator.serviceWorker) return null;
  try {
    return (await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" })) ?? null;
  } catch {
    return null;
  }
}

/** See whether there is a new version, at most once a minute. */
export async function lookForNewVersion() {
  if (Date.now() - looked < OFTEN) return;
  looked = Date.now();
  // Offline, or the site is away: the next look will do.
  await (await worker())?.update().catch(() => {});
}

/** Call `listener(message)` for what the worker says. */
export function onWorker(type, listener) {
  navigator.serviceWorker?.addEventListener("message", ({ data }) => data?.type === type && listener(data));
}

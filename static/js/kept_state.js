// What the page last knew, for when it is opened without a network (docs/notifications.md, "The installed page").
// In a cache of its own, which the service worker throws away at a sign-out.
const CACHE = "private";
const KEY = "/kept/state";

/** Return what was kept, or null. */
export async function keptState() {
  const kept = await globalThis.caches?.match(KEY, { cacheName: CACHE }).catch(() => null);
  return kept ? kept.json() : null;
}

/** Keep `state`; what was kept of somebody else goes first. */
export async function keepState(state) {
  if (!globalThis.caches) return;
  const before = await keptState();
  if (before && before.user.id !== state.user.id) await forgetState();
  const cache = await caches.open(CACHE);
  await cache.put(KEY, new Response(JSON.stringify(state), { headers: { "Content-Type": "application/json" } }));
}

/** Leave nothing of anybody here. */
export const forgetState = () => globalThis.caches?.delete(CACHE).catch(() => false);

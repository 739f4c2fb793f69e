// The service worker. `BUILD` stands before this text: {version, files, languages} (chatsite/pwa.py).
const STATIC = `static ${BUILD.version}`;
const PRIVATE = "private";
const STATE = "/kept/state";
const FALLBACK_LANGUAGE = BUILD.languages[0];
const KEPT_PICTURES = 200;
const BAD_GATEWAY = 502;
// What no one sees offline, or what is not a page.
const OURS = /^\/(rooms\/|home\/$|sign-in\/|sign-up\/|invite\/|$)/;
const DOORS = new Set(["/", "/sign-in/"]);

const shellOf = (language) => `/shell/${language}/`;
const catalogOf = (language) => `/jsi18n/${language}/?v=${BUILD.version}`;

// A new version is fetched whole, then takes over. Pages of the old one find their files in its cache.

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(fetchAll());
});

async function fetchAll() {
  const cache = await caches.open(STATIC);
  const pages = BUILD.languages.flatMap((language) => [shellOf(language), catalogOf(language)]);
  await Promise.all([
    cache.addAll(BUILD.files),
    // Nobody's: without cookies.
    cache.addAll(pages.map((url) => new Request(url, { credentials: "omit", cache: "reload" }))),
  ]);
}

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

async function takeOver() {
  const old = (await caches.keys()).filter((name) => name.startsWith("static ") && name !== STATIC);
  // The last one stays for pages that are open.
  await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
  await tellPages({ type: "version", version: BUILD.version });
}

async function pages() {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}

async function tellPages(message) {
  for (const client of await pages()) client.postMessage(message);
}

// Pages and files.

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (url.pathname === "/sign-out/" && request.method === "POST") return event.respondWith(signOut(request));
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && OURS.test(url.pathname)) return event.respondWith(page(request, url));
  if (url.pathname.startsWith("/static/") || url.pathname.startsWith("/jsi18n/")) return event.respondWith(file(request));
  if (url.pathname.startsWith("/media/pictures/")) return event.respondWith(picture(request));
});

async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function page(request, url) {
  try {
    const response = await fetch(request);
    if (response.ok && DOORS.has(url.pathname)) await forget();
    if (response.status >= BAD_GATEWAY) return (await shell(true)) ?? response;
    return response;
  } catch (error) {
    const kept = await shell();
    if (!kept) throw error;
    return kept;
  }
}

/** The empty page in the language of whoever is here; with `only`, if there is something to fill it with. */
async function shell(only = false) {
  const kept = await (await caches.open(PRIVATE)).match(STATE);
  if (only && !kept) return undefined;
  const language = kept ? (await kept.json()).language : FALLBACK_LANGUAGE;
  return caches.match(shellOf(language), { cacheName: STATIC });
}

async function picture(request) {
  const cache = await caches.open(PRIVATE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  // Only for who has something kept: what is left after a sign-out must stay empty.
  if (response.ok && (await cache.match(STATE))) await keepPicture(cache, request, response.clone());
  return response;
}

async function keepPicture(cache, request, response) {
  const known = (await cache.keys()).filter(({ url }) => url.includes("/media/"));
  for (const old of known.slice(0, Math.max(0, known.length - KEPT_PICTURES + 1))) await cache.delete(old);
  await cache.put(request, response);
}

// Nothing of anybody stays behind.

async function signOut(request) {
  const forgetting = forget();
  try {
    return await fetch(request);
  } finally {
    await forgetting;
  }
}

async function forget() {
  await caches.delete(PRIVATE);
  for (const shown of await self.registration.getNotifications()) shown.close();
  await self.navigator.clearAppBadge?.().catch(() => {});
  const subscription = await self.registration.pushManager?.getSubscription().catch(() => null);
  await subscription?.unsubscribe().catch(() => {});
}

/** Keep what a page knows as it closes, which it cannot finish itself; nothing for whom nothing is kept (any more). */
async function keep(state) {
  const cache = await caches.open(PRIVATE);
  const before = await cache.match(STATE);
  if (!before || (await before.json()).user.id !== state.user.id) return;
  await cache.put(STATE, new Response(JSON.stringify(state), { headers: { "Content-Type": "application/json" } }));
}

self.addEventListener("message", (event) => {
  if (event.data?.type === "keep") event.waitUntil(keep(event.data.state));
  if (event.data?.type === "forget") event.waitUntil(forget().then(() => event.ports[0]?.postMessage("done")));
});

// Calls.

self.addEventListener("push", (event) => event.data && event.waitUntil(call(event.data.json())));

async function call(news) {
  const { title, body, tag, url, room, seq, message, at, unread } = news;
  // A push service may bring the same twice, and a page may have told it already.
  const known = (await self.registration.getNotifications({ tag })).some(({ data }) => data?.message >= message);
  await self.registration.showNotification(title, {
    body, tag, renotify: !known, silent: known, timestamp: Date.parse(at), icon: BUILD.icon, badge: BUILD.badge,
    data: { url, room, seq, message },
  });
  await self.navigator.setAppBadge?.(unread).catch(() => {});
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(answer(event.notification.data ?? { url: "/home/" }));
});

async function answer({ url, room, seq }) {
  const open = (await pages()).filter((client) => new URL(client.url).pathname.startsWith("/rooms/"));
  const client = open.find(({ focused }) => focused) ?? open.find(({ visibilityState }) => visibilityState === "visible") ?? open[0];
  if (!client) return self.clients.openWindow(url);
  client.postMessage({ type: "open", url, room, seq });
  return client.focus().catch(() => {});
}

// A browser may change the address under which it can be called: an open page tells the server, or the next one does.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(tellPages({ type: "subscribe" })));

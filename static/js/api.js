// The only module that fetches.
const ROOT = "/api/v1/";

export class ApiError extends Error {
  constructor(code, detail, { status = 0, retryAfter = 0, fields = {}, suggestion = "" } = {}) {
    super(detail || code);
    Object.assign(this, { code, detail, status, retryAfter, fields, suggestion });
  }
}

export function csrfToken() {
  return document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1] ?? "";
}

/** `body` becomes JSON; `file` goes as a form. */
async function request(method, path, { query, body, file, signal } = {}) {
  const url = new URL(ROOT + path, location.origin);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(url, { method, headers, signal, body: file ? formOf(file) : body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    throw new ApiError("unreachable", "", { cause: error });
  }
  return answer(response);
}

function formOf(file) {
  const form = new FormData();
  form.append("file", file);
  return form;
}

async function answer(response) {
  const content = await response.json().catch(() => ({}));
  if (response.ok) return content;
  throw refusal(response.status, content, response.headers.get("Retry-After"));
}

/** The error that an answer's `content` tells of. */
export function refusal(status, content, patience) {
  const { code = "unavailable", detail = "", fields, suggestion, retry_after: retryAfter = Number(patience ?? 0) } = content ?? {};
  return new ApiError(code, detail, { status, retryAfter, fields, suggestion });
}

const roomOf = (content) => content.room ?? content;

export const api = {
  rooms: () => request("GET", "rooms/"),
  room: (id) => request("GET", `rooms/${id}/`),
  makeRoom: async (fields) => roomOf(await request("POST", "rooms/", { body: fields })),
  join: async (id) => roomOf(await request("POST", `rooms/${id}/join/`)),
  messages: (room, query) => request("GET", `rooms/${room}/messages/`, { query }),
  versions: (message) => request("GET", `messages/${message}/versions/`),
  emoji: () => request("GET", "emoji/"),
  members: (room, query) => request("GET", `rooms/${room}/members/`, { query }),
  files: (room, query) => request("GET", `rooms/${room}/files/`, { query }),
  pins: (room) => request("GET", `rooms/${room}/pins/`),
  uploadLimits: () => request("GET", "uploads/limits/"),
  takeBackUpload: (id) => request("DELETE", `uploads/${id}/`),
  search: (query) => request("GET", "search/", { query }),
  reports: () => request("GET", "reports/"),
  held: (refs) => request("GET", "held/", { query: { refs: refs.join(",") } }),
  report: (fields) => request("POST", "reports/", { body: fields }),
  direct: async (user) => roomOf(await request("POST", "direct/", { body: { user } })),
  directory: (query) => request("GET", "rooms/directory/", { query }),
  editRoom: (id, fields) => request("PATCH", `rooms/${id}/`, { body: fields }),
  setRoomPicture: (id, file) => request("PUT", `rooms/${id}/picture/`, { file }),
  removeRoomPicture: (id) => request("DELETE", `rooms/${id}/picture/`),
  prefer: (id, fields) => request("PATCH", `rooms/${id}/preferences/`, { body: fields }),
  orderRooms: (order, rooms) => request("PUT", "rooms/order/", { body: rooms ? { order, rooms } : { order } }),
  leave: (id) => request("POST", `rooms/${id}/leave/`),
  addMember: (room, user) => request("PUT", `rooms/${room}/members/${user}/`),
  editMember: (room, user, fields) => request("PATCH", `rooms/${room}/members/${user}/`, { body: fields }),
  removeMember: (room, user, reason = "") => request("DELETE", `rooms/${room}/members/${user}/`, { body: { reason } }),
  invitations: (room) => request("GET", "invitations/", { query: room ? { room } : {} }),
  invite: (fields) => request("POST", "invitations/", { body: fields }),
  revoke: (code) => request("DELETE", `invitations/${code}/`),
  users: (query) => request("GET", "users/", { query }),
  person: (id) => request("GET", `users/${id}/`),
  blocks: () => request("GET", "blocks/"),
  block: (user) => request("PUT", `blocks/${user}/`),
  unblock: (user) => request("DELETE", `blocks/${user}/`),
  notifications: () => request("GET", "notifications/"),
  setNotifications: (fields) => request("PUT", "notifications/", { body: fields }),
  pushKey: () => request("GET", "push/key/"),
  devices: () => request("GET", "push/subscriptions/"),
  addDevice: (subscription) => request("POST", "push/subscriptions/", { body: subscription }),
  removeDevice: (id) => request("DELETE", `push/subscriptions/${id}/`),
  told: (message) => request("GET", `messages/${message}/told/`),
  me: () => request("GET", "me/"),
  updateMe: (fields) => request("PATCH", "me/", { body: fields }),
  setPicture: (file) => request("PUT", "me/picture/", { file }),
  removePicture: () => request("DELETE", "me/picture/"),
  deleteMe: () => request("DELETE", "me/"),
  sessions: () => request("GET", "me/sessions/"),
  endSession: (id) => request("DELETE", `me/sessions/${id}/`),
  signOutEverywhere: () => request("DELETE", "me/sessions/"),
  tokens: () => request("GET", "me/tokens/"),
  makeToken: (fields) => request("POST", "me/tokens/", { body: fields }),
  revokeToken: (id) => request("DELETE", `me/tokens/${id}/`),
  sync: (query, signal) => request("GET", "sync/", { query, signal }),
  command: (command) => request("POST", "commands/", { body: command }),
};

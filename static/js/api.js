// The only module that fetches.
const ROOT = "/api/v1/";

export class ApiError extends Error {
  constructor(code, detail, { status = 0, retryAfter = 0 } = {}) {
    super(detail || code);
    Object.assign(this, { code, detail, status, retryAfter });
  }
}

function csrfToken() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

async function request(method, path, { query, body, signal } = {}) {
  const url = new URL(ROOT + path, location.origin);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(url, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    throw new ApiError("unreachable", "", { cause: error });
  }
  return answer(response);
}

async function answer(response) {
  const content = await response.json().catch(() => ({}));
  if (response.ok) return content;
  const retryAfter = content.retry_after ?? Number(response.headers.get("Retry-After") ?? 0);
  throw new ApiError(content.code ?? "unavailable", content.detail ?? "", { status: response.status, retryAfter });
}

const roomOf = (content) => content.room ?? content;

export const api = {
  rooms: () => request("GET", "rooms/"),
  room: (id) => request("GET", `rooms/${id}/`),
  makeRoom: async (fields) => roomOf(await request("POST", "rooms/", { body: fields })),
  join: async (id) => roomOf(await request("POST", `rooms/${id}/join/`)),
  messages: (room, query) => request("GET", `rooms/${room}/messages/`, { query }),
  members: (room, query) => request("GET", `rooms/${room}/members/`, { query }),
  direct: async (user) => roomOf(await request("POST", "direct/", { body: { user } })),
  updateMe: (fields) => request("PATCH", "me/", { body: fields }),
  sync: (query, signal) => request("GET", "sync/", { query, signal }),
  command: (command) => request("POST", "commands/", { body: command }),
};

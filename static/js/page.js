export const byId = (id) => document.getElementById(id);

// What the server put into the page; or, into a page that came up without it, what was kept when it was last there.
const written = JSON.parse(byId("state")?.textContent ?? "{}");
export const page = written.shell ? await filled() : written;

async function filled() {
  const { keptState } = await import("./kept_state.js");
  const kept = await keptState();
  if (!kept) {
    document.documentElement.dataset.offline = "empty";
    // Nothing can be drawn; the page says so without us.
    await new Promise(() => {});
  }
  const [, id, at] = location.pathname.match(/^\/rooms\/(\d+)[^/]*\/(?:(\d+)\/)?$/) ?? [];
  const room = kept.rooms.find((one) => one.id === Number(id)) ?? kept.rooms.find((one) => one.id === kept.room) ?? kept.rooms[0];
  const there = room.id === Number(id) && at ? Number(at) : null;
  const { messages: windows } = kept;
  return { ...kept, ...written, windows, room: room.id, at: there, messages: windows[room.id] ?? [], head: room.head };
}

export const onTouch = () => matchMedia("(hover: none) and (pointer: coarse)").matches;

export const onPhone = () => matchMedia("(max-width: 719px)").matches;

export const AT_DESK = "(min-width: 1024px)";

export const atDesk = () => matchMedia(AT_DESK).matches;

const missed = new Map();

/**
 * The module `name`, which is needed only now and is loaded by `load`. Rejects where it cannot be had.
 *
 * That a module could not be had is kept for as long as the page lives, says HTML ("fetch a single module script"), and
 * Firefox does so: from the second time on it is asked for by another address.
 */
export async function fetched(name, load) {
  if (missed.get(name)) return missed.get(name);
  try {
    return await load();
  } catch (error) {
    const [address] = error.message.match(/https?:\S+\.js/) ?? [];
    const isSecond = missed.has(name) && address?.includes(`/${name}.`);
    missed.set(name, isSecond ? await import(`${address}?${Date.now()}`) : null);
    if (!isSecond) throw error;
    return missed.get(name);
  }
}

/** Let the browser paint and answer before going on: a phone is slow enough to notice one long task. */
export const nextTask = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => (port1.close(), resolve());
  port2.postMessage(null);
});

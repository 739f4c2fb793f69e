import { el, icon } from "./dom.js";

export const markName = (room) => (room.group ? "people" : room.kind === "private" ? "lock" : "hash");

/** What stands before a room's name: its picture, or the sign of its kind. */
export function roomMark(room, size) {
  if (room.picture_url) return el("img", { class: "avatar", src: room.picture_url, alt: "", width: size, height: size, decoding: "async" });
  return el("span", { class: "room-mark" }, icon(markName(room)));
}

import { gettext, interpolate } from "./i18n.js";
import { byId } from "./page.js";
import { roomName } from "./rooms.js";

/** Name, topic and how many are online, the count of the rest on the way back, and the page's title. */
export class RoomHead {
  constructor({ rooms }) {
    this.rooms = rooms;
    rooms.addEventListener("room", () => this.drawSoon());
    rooms.addEventListener("list", () => this.drawSoon());
  }

  open(id) {
    // Another room's head is another one: nothing of the one before moves to where this one has it.
    for (const part of document.querySelectorAll(".room-title, .room-online")) part.replaceWith(part.cloneNode(true));
    this.id = id;
    this.draw();
  }

  drawSoon() {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  draw() {
    const room = this.rooms.get(this.id);
    if (!room) return;
    const name = roomName(room);
    byId("room-name").textContent = name;
    byId("room-topic").textContent = room.topic ?? "";
    byId("invite").hidden = !room.abilities?.includes("invite");
    byId("room-settings").hidden = room.kind === "direct";
    byId("online-count").textContent = room.online ?? 0;
    byId("online-word").textContent = interpolate(gettext("of %s online"), [room.members]);
    const unread = this.rooms.totalCalling;
    const elsewhere = unread - this.rooms.calling(this.id);
    byId("back-badge").hidden = !elsewhere;
    byId("back-badge").textContent = elsewhere > 99 ? "99+" : elsewhere;
    document.title = `${unread ? `(${unread}) ` : ""}${name} · Chatsite`;
  }
}

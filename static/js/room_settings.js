import { api } from "./api.js";
import { openPages } from "./dialogs.js";
import { el } from "./dom.js";
import { once, resultLine, sayAt, selectField, switchField, textField } from "./fields.js";
import { gettext, interpolate } from "./i18n.js";
import { invitationLinks } from "./invitation_links.js";
import { leaveRoom } from "./leave_room.js";
import { peoplePicker } from "./people_picker.js";
import { pictureControl } from "./picture_upload.js";
import { memberList } from "./room_members.js";
import { roomMark } from "./room_mark.js";
import { roomName } from "./rooms.js";

const SLOW = () => [[0, gettext("Off")], [5, gettext("5 seconds")], [15, gettext("15 seconds")], [30, gettext("30 seconds")], [60, gettext("1 minute")], [300, gettext("5 minutes")], [3600, gettext("1 hour")]];
const NOTIFY = () => [["all", gettext("All messages")], ["mentions", gettext("Mentions and replies")], ["none", gettext("Nothing: the room is muted")]];

/** All that one may do with a room, by what one may. */
export function openRoomSettings({ room: { id }, rooms, me, first = "" }) {
  const begun = rooms.get(id);
  const context = {
    me,
    // As it is now: others change it too.
    get room() {
      return rooms.get(id) ?? begun;
    },
    may: (ability) => context.room.abilities.includes(ability),
    apply: (changed) => {
      rooms.put(changed);
      rooms.tell("room", id);
      rooms.tell("list");
    },
  };
  const { may } = context;
  const pages = [
    { id: "mine", name: gettext("For me"), build: () => minePage(context) },
    may("edit") && { id: "about", name: gettext("About"), build: () => aboutPage(context) },
    { id: "people", name: gettext("People"), build: () => memberList(context) },
    may("invite") && { id: "invite", name: gettext("Invite"), build: () => invitePage(context) },
    may("edit") && { id: "writing", name: gettext("Writing"), build: () => writingPage(context) },
    (may("archive") || may("default")) && { id: "more", name: gettext("More"), build: () => morePage(context) },
  ].filter(Boolean);
  const at = Math.max(0, pages.findIndex((one) => one.id === first));
  const left = ({ detail }) => detail.room === id && dialog.close();
  rooms.addEventListener("left", left);
  const closed = () => rooms.removeEventListener("left", left);
  const dialog = openPages({ title: interpolate(gettext("Room settings: %s"), [roomName(begun)]), pages, first: at, closed });
}

/** Change something at once, and say so. */
function saver({ apply }, line, work) {
  return async (value) => {
    line.clear();
    try {
      apply(await work(value));
      line.done(gettext("Saved"));
    } catch (error) {
      line.fail(error);
    }
  };
}

function minePage(context) {
  const { room } = context;
  const line = resultLine();
  const favourite = switchField({
    label: gettext("Favourite"), note: gettext("Stands above the other rooms."), checked: room.favourite,
    changed: saver(context, line, (on) => api.prefer(room.id, { favourite: on })),
  });
  const notify = selectField({
    label: gettext("Tell me about"), value: room.told_of, options: NOTIFY(),
    changed: saver(context, line, (value) => api.prefer(room.id, { notify: value })),
  });
  const leave = el("button", { type: "button", class: "button danger" }, gettext("Leave the room"));
  leave.addEventListener("click", async () => {
    try {
      await leaveRoom(context.room);
    } catch (error) {
      line.fail(error);
    }
  });
  return [favourite.element, notify.element, line.element, el("div", { class: "page-end" }, leave)];
}

function aboutPage(context) {
  const { room } = context;
  const line = resultLine();
  const name = textField({ label: gettext("Name"), value: roomName(room), required: true, maxlength: "80" });
  const topic = textField({ label: gettext("Topic"), value: room.topic, maxlength: "250" });
  const save = el("button", { type: "submit", class: "button primary" }, gettext("Save"));
  const form = el("form", { class: "dialog-form" }, name.element, topic.element, line.element, el("div", { class: "dialog-buttons" }, save));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(save, async () => {
      line.clear();
      const fields = { topic: topic.input.value.trim() };
      if (name.input.value.trim() !== roomName(context.room)) fields.name = name.input.value.trim();
      try {
        context.apply(await api.editRoom(room.id, fields));
        line.done(gettext("Saved"));
      } catch (error) {
        sayAt(error, { name, topic }, line);
      }
    });
  });
  const pictured = async (work) => {
    const changed = await work;
    context.apply(changed);
    return changed.picture_url;
  };
  const picture = pictureControl({
    label: gettext("Room picture"), current: room.picture_url, empty: () => roomMark({ ...room, picture_url: null }, 64),
    upload: (file) => pictured(api.setRoomPicture(room.id, file)), remove: () => pictured(api.removeRoomPicture(room.id)),
  });
  return [picture.element, form];
}

function invitePage({ room, me }) {
  const line = resultLine();
  const add = async (user) => {
    try {
      await api.addMember(room.id, user.id);
      line.done(interpolate(gettext("%s is in the room now."), [user.nickname]));
    } catch (error) {
      line.fail(error);
    }
  };
  const picker = peoplePicker({ label: gettext("Add people by name"), me, add });
  return [picker.element, line.element, el("h3", { class: "page-title" }, gettext("Invitation links")), invitationLinks(room.id)];
}

function writingPage(context) {
  const { room } = context;
  const line = resultLine();
  const readOnly = switchField({
    label: gettext("Only moderators write"), note: gettext("For announcements: everyone else reads."), checked: room.read_only,
    changed: saver(context, line, (on) => api.editRoom(room.id, { read_only: on })),
  });
  const slow = selectField({
    label: gettext("Slow mode: time between two messages of one person"), value: room.slow_mode, options: SLOW(),
    changed: saver(context, line, (value) => api.editRoom(room.id, { slow_mode: Number(value) })),
  });
  return [readOnly.element, slow.element, line.element];
}

function morePage(context) {
  const { room, may } = context;
  const line = resultLine();
  const parts = [];
  if (may("archive")) {
    parts.push(switchField({
      label: gettext("Archived"), note: gettext("It can be read and found by its members; nobody writes in it."), checked: room.archived,
      changed: saver(context, line, (on) => api.editRoom(room.id, { archived: on })),
    }).element);
  }
  if (may("default")) {
    parts.push(switchField({
      label: gettext("A room for everyone"), note: gettext("Newcomers are in it from the start."), checked: room.default,
      changed: saver(context, line, (on) => api.editRoom(room.id, { default: on })),
    }).element);
  }
  return [...parts, line.element];
}

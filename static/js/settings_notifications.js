import { api } from "./api.js";
import { distance } from "./dates.js";
import { permission } from "./desktop.js";
import { el, icon } from "./dom.js";
import { once, resultLine, switchField } from "./fields.js";
import { gettext, interpolate } from "./i18n.js";
import { canInstall, install, isInstalled, onInstallable } from "./install.js";
import { canBeCalled, startCalls, stopCalls, wantsCalls } from "./push_device.js";
import { keep, recall } from "./storage.js";

/** Of what one is told, on this device and on the others. */
export function notificationsPage({ me }) {
  const line = resultLine();
  const devices = el("div", { class: "page" });
  const reload = () => showDevices(devices, line);
  reload();
  return [
    el("p", {}, gettext("You are told of mentions, of answers to you, and of private messages. For each room you choose in its settings: all messages, mentions and replies, or nothing.")),
    quietSwitch(line),
    el("h3", { class: "page-title" }, gettext("On this device")),
    permissionNote(line),
    deviceSwitch(me, "desktop", { label: gettext("Desktop notifications"), note: gettext("While the chat is open in a tab that you do not look at.") }, line),
    callsSwitch(me, line, reload),
    deviceSwitch(me, "sound", { label: gettext("Sound"), note: gettext("Two soft notes, once for many messages.") }, line),
    line.element,
    devices,
    ...installPart(),
  ];
}

/** For all devices, so it is the server's to know. */
function quietSwitch(line) {
  const field = switchField({
    label: gettext("Do not disturb"), note: gettext("No notification, no sound, no push, on any device. What is unread is counted all the same."), checked: false,
    changed: (on) => {
      isChosen = true;
      return save(field, on, line, () => api.setNotifications({ do_not_disturb: on }));
    },
  });
  let isChosen = false;
  // Who was quicker than the answer has chosen already.
  api.notifications().then((known) => isChosen || (field.input.checked = known.do_not_disturb), (error) => line.fail(error));
  return field.element;
}

async function save(field, on, line, work) {
  line.clear();
  try {
    await work();
    line.done(gettext("Saved"));
  } catch (error) {
    field.input.checked = !on;
    if (error.code) line.fail(error);
    else line.fail({ code: "refused", detail: gettext("The browser refused. Its push service may be out of reach.") });
  }
}

/** What this device does: kept in this browser. Whatever shows something first asks the browser, on this very press. */
function deviceSwitch(me, name, words, line) {
  const key = `${name} ${me.id}`;
  const field = switchField({
    ...words, checked: recall(key) === "1",
    changed: (on) => save(field, on, line, async () => {
      if (on && name === "desktop") await mayNotify();
      keep(key, on ? "1" : null);
      if (on && name === "sound") (await import("./chime.js")).chime();
    }),
  });
  if (name === "desktop" && permission() === "none") field.input.disabled = true;
  return field.element;
}

function callsSwitch(me, line, reload) {
  const field = switchField({
    label: gettext("Notify me when the chat is closed"), note: gettext("By the push service of your browser, encrypted for this device alone."), checked: wantsCalls(me) && permission() === "granted",
    changed: (on) => save(field, on, line, async () => {
      if (on) await mayNotify();
      await (on ? startCalls(me) : stopCalls(me));
      reload();
    }),
  });
  canBeCalled().then((can) => {
    field.input.disabled = !can;
    if (!can) field.element.querySelector(".kind-note").textContent = whyNotCalled();
  });
  return field.element;
}

const onApple = () => /iPhone|iPad/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);

function whyNotCalled() {
  if (onApple() && !isInstalled()) return gettext("On iPhone and iPad only the installed app can be notified: in the Share menu choose “Add to Home Screen”, open it from there, and come back here.");
  if (!isSecureContext) return gettext("This needs the site to be reached over https.");
  return gettext("This browser cannot be notified.");
}

/** Ask the browser, which asks the person. Raises a refusal with what can be done. */
async function mayNotify() {
  if (permission() === "none") throw { code: "refused", detail: whyNotCalled() };
  const answer = await Notification.requestPermission();
  document.dispatchEvent(new Event("permission"));
  if (answer === "denied") throw { code: "refused", detail: denied() };
  if (answer !== "granted") throw { code: "refused", detail: gettext("Nothing was changed: the browser's question was not answered.") };
}

const denied = () => gettext("This browser does not let the site show notifications. Allow it in the browser's site settings (at the lock or the sliders beside the address), then come back here.");

function permissionNote() {
  const note = el("p", { class: "notice-line", role: "note" });
  const draw = () => {
    const state = permission();
    note.hidden = state === "granted" || state === "default";
    note.replaceChildren(icon("alert"), el("span", {}, state === "denied" ? denied() : whyNotCalled()));
  };
  document.addEventListener("permission", draw);
  draw();
  return note;
}

async function showDevices(place, line) {
  let found;
  try {
    found = (await api.devices()).subscriptions;
  } catch (error) {
    return line.fail(error);
  }
  const list = el("ul", { class: "plain-list", tabindex: "-1", "aria-label": gettext("Devices that are notified") }, found.map((device) => deviceRow(device, place, line)));
  if (!found.length) list.append(el("li", { class: "empty-note" }, gettext("None yet.")));
  place.replaceChildren(el("h3", { class: "page-title" }, gettext("Devices that are notified")), list);
}

function deviceRow(device, place, line) {
  const end = el("button", { type: "button", class: "button" }, gettext("Remove"));
  end.addEventListener("click", () => once(end, async () => {
    try {
      await api.removeDevice(device.id);
      await showDevices(place, line);
      place.querySelector("ul").focus();
    } catch (error) {
      line.fail(error);
    }
  }));
  const told = device.called_at ? interpolate(gettext("last notified %s"), [distance(device.called_at)]) : gettext("not notified yet");
  return el("li", { class: "plain-row" },
    el("span", { class: "member-text" }, el("b", {}, device.device || gettext("Some browser")), el("span", { class: "field-note" }, told)),
    device.current && el("span", { class: "tag" }, gettext("this one")), end);
}

function installPart() {
  const button = el("button", { type: "button", class: "button" }, icon("plus"), gettext("Install"));
  const part = el("div", { class: "page" }, el("h3", { class: "page-title" }, gettext("As an app")),
    el("p", {}, gettext("Its own window and icon, and it opens without a network too.")), el("div", { class: "page-end" }, button));
  const draw = () => (part.hidden = !canInstall() || isInstalled());
  button.addEventListener("click", () => install().then(draw));
  onInstallable(() => part.isConnected && draw());
  draw();
  return [part];
}

import { sanitisedByServer } from "./dom.js";
import { gettext, interpolate, ngettext } from "./i18n.js";

const LONGEST = 120;

/**
 * The beginning of a message on one line, as a reply quotes it: without markup; of one without a text the name of its
 * first file. The server cuts by the same rule.
 */
export function excerpt({ body = "", html, attachments = [] }) {
  const plain = html ? sanitisedByServer(html).textContent : body;
  return cut(plain) || cut(attachments[0]?.name ?? "");
}

function cut(text) {
  const line = [...text.trim().replace(/\s+/g, " ")];
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1).join("")}…` : line.join("");
}

/** The beginning of a message for a list, where there is room for a word on what is attached: "Photo", "File: name". */
export function summary(message) {
  return message.body?.trim() ? excerpt(message) : filesLine(message.attachments);
}

function filesLine(files = []) {
  if (!files.length) return "";
  if (files.every(({ kind }) => kind === "image")) return files.length === 1 ? gettext("Photo") : interpolate(ngettext("%s photo", "%s photos", files.length), [files.length]);
  if (files.length > 1) return interpolate(ngettext("%s file", "%s files", files.length), [files.length]);
  const [{ kind, name }] = files;
  const words = { audio: gettext("Audio: %s"), video: gettext("Video: %s") };
  return interpolate(words[kind] ?? gettext("File: %s"), [cut(name)]);
}

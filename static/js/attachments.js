import { el, icon } from "./dom.js";
import { gettext, interpolate, language } from "./i18n.js";
import { onPhone } from "./page.js";
import { previews } from "./previews.js";

const TALLEST = 320;
const NARROWEST = 48;
const TAIL = 9;
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
const OVERLAYS = ":scope > :is(.marks, .uploading)";
const ICONS = { image: "image", audio: "play", video: "video" };

export const kindIcon = (kind) => icon(ICONS[kind] ?? "file");

/** Whether an ATTACHMENT is shown as a picture: its size must be known before it is loaded. */
export const isPicture = ({ kind, width, height }) => kind === "image" && width > 0 && height > 0;

/** What is attached to a message: pictures, what plays, and the rest as cards. Nothing of it grows when it is loaded. */
export function attachmentsView(attachments = []) {
  if (!attachments.length) return null;
  const pictures = attachments.filter(isPicture);
  const others = attachments.filter((one) => !isPicture(one));
  return el("div", { class: "files" }, pictures.length > 0 && picturesView(pictures), others.map(otherView));
}

/** The size that a picture is shown in, in whole pixels: at most 400 × 320, on a phone 320 × 320. */
export function boxOf({ width, height }) {
  const scale = Math.min(1, (onPhone() ? TALLEST : 400) / width, TALLEST / height);
  return { width: Math.max(NARROWEST, Math.round(width * scale)), height: Math.max(NARROWEST, Math.round(height * scale)) };
}

function picturesView(pictures) {
  if (pictures.length === 1) return pictureView(pictures[0], boxOf(pictures[0]));
  const columns = pictures.length === 2 || pictures.length === 4 ? "two" : "three";
  return el("div", { class: `picture-grid ${columns}` }, pictures.map((one) => pictureView(one, { width: 158, height: 158 })));
}

/** A picture as a link to it, so that it can be opened without a script too. What is still to be sent leads nowhere. */
function pictureView(file, { width, height }) {
  const local = localUrl(file);
  const image = el("img", {
    src: local ?? sourceOf(file), width, height, alt: file.name, draggable: "false",
    loading: local ? null : "lazy", decoding: local ? "sync" : "async", onerror: () => showBroken(link, image),
  });
  const attributes = { class: "picture", title: file.name, "data-upload": file.ref, "data-picture": file.id };
  const link = file.url ? el("a", { ...attributes, href: file.url, target: "_blank", rel: "noopener" }, image) : el("span", attributes, image);
  return link;
}

const localUrl = ({ id, ref }) => previews.get(id ?? ref);

/** Small pictures of large ones; what moves is shown as it is, unless its reader wants it still. */
function sourceOf({ url, thumb_url: thumb, animated }) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return (animated && !still ? url : thumb) ?? url ?? null;
}

/** The box stays as large as it was, and says why it is empty. */
function showBroken(link, image) {
  const { width, height } = image;
  const words = el("span", { class: "broken" }, icon("image"), el("span", { dir: "auto" }, image.alt), el("span", {}, gettext("This picture cannot be shown now.")));
  Object.assign(words.style, { width: `${width}px`, height: `${height}px` });
  image.replaceWith(words);
  words.again = () => {
    words.replaceWith(image);
    image.loading = "eager";
    image.setAttribute("src", image.getAttribute("src"));
  };
}

/** Try once more what could not be shown while the line was down. */
export function showAgain(within) {
  for (const words of within.querySelectorAll(".broken")) words.again?.();
}

function otherView(file) {
  if (file.url && (file.kind === "audio" || file.kind === "video")) return mediaView(file);
  return cardView(file);
}

function mediaView(file) {
  const source = { src: file.url, controls: true, preload: "metadata", "aria-label": file.name };
  const player = file.kind === "audio" ? el("audio", source) : el("video", { ...source, playsinline: true, poster: file.thumb_url, ...playerBox(file) });
  const figure = el("figure", { class: `media ${file.kind}` }, player, caption(file));
  player.addEventListener("error", () => player.replaceWith(unplayable(player, file)));
  return figure;
}

function playerBox({ width, height }) {
  return width && height ? boxOf({ width: width * 4, height: height * 4 }) : boxOf({ width: 1600, height: 900 });
}

function unplayable(player, file) {
  const words = el("p", { class: `unplayable ${file.kind}` }, kindIcon(file.kind), el("span", {}, gettext("This cannot be played here.")));
  if (file.kind === "video") Object.assign(words.style, { width: `${player.width}px`, height: `${player.height}px` });
  return words;
}

function caption(file) {
  return el("figcaption", { class: "media-caption" }, nameView(file.name), el("span", { class: "file-size" }, sizeLabel(file.size)), download(file));
}

function cardView(file) {
  const words = el("span", { class: "file-words" }, nameView(file.name), el("span", { class: "file-size" }, sizeLabel(file.size)));
  return el("div", { class: "file-card" }, el("span", { class: "file-mark" }, kindIcon(file.kind)), words, file.url && download(file));
}

/** "340 kB", "1.2 MB": how large a file of so many `bytes` is, by 1,024, as the limits count. */
export function sizeLabel(bytes) {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** step;
  const maximumFractionDigits = step > 1 && value < 100 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "unit", unit: UNITS[step], maximumFractionDigits }).format(value);
}

/** A file's name; where there is too little room its end stays, which says what it is. */
export function nameView(name) {
  const letters = [...name];
  const end = letters.length > 2 * TAIL ? letters.splice(-TAIL).join("") : "";
  return el("span", { class: "file-name", dir: "auto", title: name }, el("span", {}, letters.join("")), end && el("span", {}, end));
}

/** A link that saves a file under its own name. */
export function download(file) {
  const label = interpolate(gettext("Download %s"), [file.name]);
  return el("a", { class: "icon-button", href: file.url, download: file.name, "aria-label": label, title: label }, icon("download"));
}

/**
 * What is attached never changes: pictures that are loaded, and what plays, go over from the element `old` of a message into
 * the one that takes its place. Both are in the page.
 */
export function keepFiles(old, article) {
  const [kept, drawn] = [old.querySelector(".files"), article.querySelector(".files")];
  if (!kept || !drawn) return;
  for (const over of kept.querySelectorAll(OVERLAYS)) over.remove();
  kept.append(...drawn.querySelectorAll(OVERLAYS));
  // Moved any other way, what plays would stop.
  if (drawn.parentNode.moveBefore) drawn.parentNode.moveBefore(kept, drawn);
  else drawn.before(kept);
  drawn.remove();
}

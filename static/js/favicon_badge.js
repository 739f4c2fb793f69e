import { page } from "./page.js";

const SIZE = 64;
const MOST = 99;
const link = document.querySelector('link[rel="icon"]');
const plain = link?.href;
let drawing = null;
let shown = 0;

/** Show how much there is to read on the tab's icon, and on that of the installed app. */
export async function showCount(count) {
  if (!link || count === shown) return;
  shown = count;
  navigator.setAppBadge?.(count).catch(() => {});
  drawing ??= load(page.urls.favicon);
  const image = await drawing;
  // Another count came while the drawing was fetched.
  if (count !== shown) return;
  link.href = count ? badged(image, count) : plain;
}

async function load(url) {
  const image = new Image(SIZE, SIZE);
  image.src = url;
  await image.decode().catch(() => {});
  return image;
}

function badged(image, count) {
  const canvas = Object.assign(document.createElement("canvas"), { width: SIZE, height: SIZE });
  const pen = canvas.getContext("2d");
  if (image.naturalWidth) pen.drawImage(image, 0, 0, SIZE, SIZE);
  const text = count > MOST ? "99+" : String(count);
  const width = 26 + 12 * text.length;
  pen.fillStyle = "#b3261e";
  pen.beginPath();
  pen.roundRect(SIZE - width, SIZE - 38, width, 38, 19);
  pen.fill();
  pen.fillStyle = "#fff";
  pen.font = `bold ${text.length > 2 ? 26 : 30}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, SIZE - width / 2, SIZE - 18);
  return canvas.toDataURL();
}

// What a file is, as far as the page needs to know before the site has looked at it.
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);
const SOUNDS = /^audio\/(mpeg|mp4|aac|ogg|wav|x-wav|wave|webm|flac|x-m4a)$/;
const FILMS = /^video\/(mp4|webm|ogg|quicktime)$/;

/** "image", "audio", "video" or "file". */
export function kindOf({ type }) {
  if (PICTURES.has(type)) return "image";
  if (SOUNDS.test(type)) return "audio";
  return FILMS.test(type) ? "video" : "file";
}

/** The size of a picture as it is seen, `{width, height}` in pixels; as a plain file what this browser cannot show. */
export async function measured(blob) {
  const url = URL.createObjectURL(blob);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return { width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    return { kind: "file" };
  } finally {
    URL.revokeObjectURL(url);
  }
}

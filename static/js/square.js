// A picture made small before it is sent: a photograph has megabytes of which a square of 512 px is kept.
const SIDE = 512;

/** Answers with `file` as a square WebP of at most 512 px, cut from its middle; with `file` itself where that fails. */
export async function squared(file) {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const blob = await draw(image);
    return blob ? new File([blob], "picture.webp", { type: blob.type }) : file;
  } catch {
    // What the browser cannot read the server may, or says why not.
    return file;
  }
}

function draw(image) {
  const from = Math.min(image.width, image.height);
  const side = Math.min(SIDE, from);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  context.drawImage(image, (image.width - from) / 2, (image.height - from) / 2, from, from, 0, 0, side, side);
  image.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.92));
}

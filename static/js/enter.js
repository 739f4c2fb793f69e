import { offerAppearance } from "./appearance.js";
import { squared } from "./square.js";

const input = document.getElementById("picture");
const preview = document.getElementById("picture-preview");

/** Show what was chosen, and send it small. */
async function show() {
  const [file] = input.files;
  if (!file) return;
  const small = await squared(file);
  const chosen = new DataTransfer();
  chosen.items.add(small);
  input.files = chosen.files;
  const image = new Image();
  image.alt = "";
  image.src = URL.createObjectURL(small);
  preview.replaceChildren(image);
  preview.classList.add("chosen");
}

offerAppearance();
input?.addEventListener("change", show);
for (const choice of document.querySelectorAll("[name=avatar]")) {
  choice.addEventListener("change", () => {
    // The one chosen last is the one that counts.
    if (input) input.value = "";
    preview?.classList.remove("chosen");
  });
}

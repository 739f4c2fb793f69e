import { offerAppearance } from "./appearance.js";
import { offerReveal } from "./reveal.js";
import { squared } from "./square.js";

const input = document.getElementById("picture");
const preview = document.getElementById("picture-preview");
const blank = preview?.firstElementChild;

function clear() {
  preview.replaceChildren(blank);
  preview.classList.remove("chosen");
}

/** Show what was chosen, and send it small. */
async function show() {
  const [file] = input.files;
  if (!file) return clear();
  const small = await squared(file);
  // Another was chosen meanwhile, or an avatar.
  if (input.files[0] !== file) return;
  const chosen = new DataTransfer();
  chosen.items.add(small);
  input.files = chosen.files;
  const image = new Image();
  image.alt = "";
  // What the browser cannot show the server may take, or says why not.
  image.addEventListener("error", () => preview.replaceChildren(blank));
  image.src = URL.createObjectURL(small);
  preview.replaceChildren(image);
  preview.classList.add("chosen");
}

offerAppearance();
offerReveal();
input?.addEventListener("change", show);
for (const choice of document.querySelectorAll("[name=avatar]")) {
  // The one chosen last is the one that counts, also where it was chosen before.
  choice.addEventListener("click", () => {
    if (!input) return;
    input.value = "";
    clear();
  });
}

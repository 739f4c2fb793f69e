import { el } from "./dom.js";
import { gettext } from "./i18n.js";
import { toast } from "./toasts.js";

/** Copy a text and say so. Without https the clipboard is only reached the old way. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text);
  }
  toast(gettext("Copied"));
}

function copyBySelection(text) {
  const focused = document.activeElement;
  const box = el("textarea", { class: "unseen", readonly: true });
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
  focused?.focus();
}

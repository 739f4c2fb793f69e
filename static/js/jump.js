import { gettext, interpolate, ngettext } from "./i18n.js";
import { byId } from "./page.js";

/** The button that leads down again, and counts what is new there. */
export function showJump(timeline) {
  const button = byId("jump");
  const text = byId("jump-text");
  const draw = () => {
    button.hidden = timeline.following;
    const { below } = timeline;
    button.classList.toggle("counts", below > 0);
    text.textContent = below ? interpolate(ngettext("%s new message", "%s new messages", below), [below]) : "";
    if (below) button.removeAttribute("aria-label");
    else button.setAttribute("aria-label", gettext("To the newest"));
  };
  button.addEventListener("click", () => timeline.toEnd());
  timeline.addEventListener("moved", draw);
}

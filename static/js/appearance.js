import { keep, recall } from "./storage.js";

/** Light, dark, or as the system; theme.js applies it before the next page is painted. */
export function offerAppearance() {
  const buttons = [...document.querySelectorAll("[data-theme-choice]")];
  const draw = () => {
    const chosen = recall("theme") ?? "system";
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
    if (chosen === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const { themeChoice } = button.dataset;
      keep("theme", themeChoice === "system" ? null : themeChoice);
      draw();
    });
  }
  addEventListener("storage", ({ key }) => key === "theme" && draw());
  draw();
}

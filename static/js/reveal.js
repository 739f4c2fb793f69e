/** Have each button with `data-reveals` show what was typed into the password box of that id. */
export function offerReveal() {
  for (const button of document.querySelectorAll("[data-reveals]")) {
    const box = document.getElementById(button.dataset.reveals);
    const show = (shown) => {
      box.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
    };
    button.addEventListener("click", () => show(box.type === "password"));
    // Browsers keep passwords from password boxes alone.
    box.form.addEventListener("submit", () => show(false));
  }
}

// Menus and palettes beside what they belong to. Where they would leave the screen they turn over.
const GAP = 4;

function place(popup, anchor) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popup;
  const above = at.top - height - GAP;
  const top = at.bottom + GAP + height > innerHeight && above > 0 ? above : at.bottom + GAP;
  popup.style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
  popup.style.left = `${Math.max(GAP, Math.min(at.right - width, innerWidth - width - GAP))}px`;
}

/** Show `popup` beside `anchor` until something is chosen, Esc is pressed or one clicks elsewhere; `closed()` is then called. */
export function showPopup(popup, anchor, closed = () => {}) {
  popup.setAttribute("popover", "auto");
  // Outside an open dialog nothing can be pressed.
  (anchor.closest("dialog") ?? document.body).append(popup);
  popup.showPopover();
  place(popup, anchor);
  popup.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    const inside = popup.contains(document.activeElement) || document.activeElement === document.body;
    popup.remove();
    if (inside && anchor.isConnected) anchor.focus({ preventScroll: true });
    closed();
  });
  popup.addEventListener("keydown", (event) => step(event, popup));
  popup.querySelector("button")?.focus({ preventScroll: true });
  return popup;
}

/** A dialog that rises from below, for touch. */
export function showSheet(sheet) {
  document.body.append(sheet);
  sheet.addEventListener("close", () => sheet.remove());
  // The finger that called it may still be down; only a press that begins outside puts it away.
  let pressedOutside = false;
  sheet.addEventListener("pointerdown", (event) => (pressedOutside = event.target === sheet));
  sheet.addEventListener("click", (event) => pressedOutside && event.target === sheet && sheet.close());
  // Nor may lifting it press what rose under it; keys click without a press, and tell so by a detail of 0.
  let wasPressed = false;
  sheet.addEventListener("pointerdown", () => (wasPressed = true), { capture: true });
  sheet.addEventListener("click", (event) => wasPressed || event.detail === 0 || swallow(event), { capture: true });
  sheet.showModal();
  return sheet;
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Arrow keys through the buttons of a menu, a grid or a toolbar. */
export function step(event, container) {
  if (!STEPS[event.key]) return;
  const buttons = [...container.querySelectorAll("button:not([hidden])")];
  const grid = container.querySelector(".palette-grid");
  const row = grid && event.key.match(/Down|Up/) ? getComputedStyle(grid).gridTemplateColumns.split(" ").length : 1;
  const index = buttons.indexOf(document.activeElement) + STEPS[event.key] * row;
  buttons[(index + buttons.length) % buttons.length]?.focus({ preventScroll: true });
  event.preventDefault();
  event.stopPropagation();
}

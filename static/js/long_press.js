const LONG = 450;
const AFTER = 500;

/** Call `pressed(target)` when a finger has rested on something within `element`; lifting it then presses nothing. */
export function watchLongPress(element, pressed) {
  let timer;
  let wasLong = false;
  const cancel = () => clearTimeout(timer);
  element.addEventListener("touchstart", ({ target, touches }) => {
    cancel();
    wasLong = false;
    if (touches.length === 1) timer = setTimeout(() => (wasLong = pressed(target) !== false), LONG);
  }, { passive: true });
  element.addEventListener("click", (event) => {
    if (!wasLong) return;
    wasLong = false;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  // Where no click follows, the next one is another.
  element.addEventListener("touchend", () => setTimeout(() => (wasLong = false), AFTER), { passive: true });
  for (const type of ["touchmove", "touchend", "touchcancel"]) element.addEventListener(type, cancel, { passive: true });
}

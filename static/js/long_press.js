const LONG = 450;

/** Call `pressed(target)` when a finger has rested on something within `element`. */
export function watchLongPress(element, pressed) {
  let timer;
  const cancel = () => clearTimeout(timer);
  element.addEventListener("touchstart", ({ target, touches }) => {
    cancel();
    if (touches.length === 1) timer = setTimeout(() => pressed(target), LONG);
  }, { passive: true });
  for (const type of ["touchmove", "touchend", "touchcancel"]) element.addEventListener(type, cancel, { passive: true });
}

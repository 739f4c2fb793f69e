import { onTouch } from "./page.js";

const AWAY = 5 * 60_000;
const SIGNS = ["pointermove", "pointerdown", "keydown", "wheel", "touchstart", "scroll"];
const LOOK = 15_000;

/** Tells the server when nobody has been at this page for five minutes, and at the first sign that somebody is. */
export function watchIdle({ connection, after = AWAY }) {
  let seen = Date.now();
  let away = false;
  const tell = (now) => {
    away = now;
    connection.send({ type: "presence", away });
  };
  const sign = () => {
    seen = Date.now();
    if (away) tell(false);
  };
  for (const type of SIGNS) addEventListener(type, sign, { passive: true, capture: true });
  // A phone that is put away may stop the page at once, and then nobody is told what the page would have told.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") sign();
    else if (onTouch() && !away) tell(true);
  });
  connection.addEventListener("ready", () => away && tell(true));
  setInterval(() => !away && Date.now() - seen >= after && tell(true), LOOK);
}

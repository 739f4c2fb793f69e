import { fullLabel } from "./dates.js";
import { language } from "./i18n.js";

const STEPS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];
const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

/** "5 minutes ago", "in 3 days": how far a moment is from now. */
export function distance(iso, now = Date.now()) {
  let value = (Date.parse(iso) - now) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(value) < size) return words.format(Math.round(value), unit);
    value /= size;
  }
  return fullLabel(iso);
}

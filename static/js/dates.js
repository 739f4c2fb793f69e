import { gettext, language, late } from "./i18n.js";

const format = (options) => new Intl.DateTimeFormat(language, options);
const thisYear = late(() => format({ weekday: "long", month: "long", day: "numeric" }));
const otherYear = late(() => format({ year: "numeric", month: "long", day: "numeric" }));
const whole = late(() => format({ dateStyle: "full", timeStyle: "short" }));
const STEPS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];
const words = late(() => new Intl.RelativeTimeFormat(language, { numeric: "auto" }));

const two = (number) => String(number).padStart(2, "0");

/** The time of day, which both languages write alike. */
export function timeLabel(iso) {
  const date = new Date(iso);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export const dateLabel = (iso) => otherYear().format(new Date(iso));

/** For narrow lists: "Nov 21", with the year if it is another. */
export function shortLabel(iso, now = new Date()) {
  const date = new Date(iso);
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return format({ month: "short", day: "numeric", ...year }).format(date);
}

/** A moment in a list: its time today, its day before that. */
export const whenLabel = (iso, now = new Date()) => (dayOf(iso) === now.toDateString() ? timeLabel(iso) : shortLabel(iso, now));

export const fullLabel = (iso) => whole().format(new Date(iso));

/** The day of a moment in the viewer's zone, as something to compare. */
export const dayOf = (iso) => new Date(iso).toDateString();

/** The day of a moment in the viewer's zone, as 2026-01-31. */
export function isoDay(moment) {
  const date = new Date(moment);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function dayLabel(iso, now = new Date()) {
  const date = new Date(iso);
  if (date.toDateString() === now.toDateString()) return gettext("Today");
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (date.toDateString() === yesterday.toDateString()) return gettext("Yesterday");
  return (date.getFullYear() === now.getFullYear() ? thisYear : otherYear)().format(date);
}

/** "5 minutes ago", "in 3 days": how far a moment is from now. */
export function distance(iso, now = Date.now()) {
  let value = (Date.parse(iso) - now) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(value) < size) return words().format(Math.round(value), unit);
    value /= size;
  }
  return fullLabel(iso);
}

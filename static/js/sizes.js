import { language } from "./i18n.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** "340 kB", "1.2 MB": how large a file of so many `bytes` is, by 1,024, as the limits count. */
export function sizeLabel(bytes) {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** step;
  const maximumFractionDigits = step > 1 && value < 100 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "unit", unit: UNITS[step], maximumFractionDigits }).format(value);
}

import { gettext, interpolate } from "./i18n.js";

const COMMAND = /^\/(\p{L}+)(?:\s+([\s\S]*))?$/u;
// Each sign that Markdown would take for markup is escaped.
const SHRUG = "¯\\\\\\_(ツ)\\_/¯";

/** How a command is written, for those who wrote it otherwise. */
export const usage = (line) => interpolate(gettext("Write it so: %s"), [line]);

/**
 * What a text that begins with a slash means: `{body, action?}` to be sent, `{name, rest}` to be done, `{error}` to be
 * said, or null for a text like any other. Paths are texts: /etc/hosts.
 */
export function readSlash(text) {
  if (text.startsWith("//")) return { body: text.slice(1) };
  const [, word, rest = ""] = text.match(COMMAND) ?? [];
  if (!word) return null;
  const name = word.toLowerCase();
  if (name === "me") return rest.trim() ? { body: rest.trim(), action: true } : { error: usage(gettext("/me does something")) };
  if (name === "shrug") return { body: `${rest.trim()} ${SHRUG}`.trim() };
  return { name, rest: rest.trim() };
}

// Django's catalogue is a classic script with globals; without it the page speaks English instead of breaking.
export const gettext = window.gettext ?? ((text) => text);
export const ngettext = window.ngettext ?? ((one, many, count) => (count === 1 ? one : many));

/** Put `values` into the `%s` or `%(name)s` of a translated text. */
export function interpolate(text, values) {
  if (!Array.isArray(values)) return text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name]));
  const left = [...values];
  return text.replace(/%s/g, () => String(left.shift()));
}

export const language = document.documentElement.lang || "en";

/** Make something at its first use: the first of what `Intl` has takes a phone 50 ms and more, which a page does not begin with. */
export function late(make) {
  let made;
  return () => (made ??= make());
}

const names = late(() => new Intl.Collator(language));

/** The order of names, for `sort`. */
export const byName = (one, other) => names().compare(one, other);

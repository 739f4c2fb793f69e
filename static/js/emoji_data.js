import { api } from "./api.js";
import { el } from "./dom.js";
import { language } from "./i18n.js";
import { keep, recall } from "./storage.js";

const RECENT = "recent emoji";
const MOST_RECENT = 24;
let loading = null;

/** `{groups: [{id, emoji: [one]}], all: [one]}`; one: `{character, names: [English], zh, name (in the page's language)}`. */
export function emojiData() {
  loading ??= api.emoji().then(read);
  loading.catch(() => (loading = null));
  return loading;
}

function read({ groups: given }) {
  const groups = given.map(({ id, emoji }) => ({ id, emoji: emoji.map(one) }));
  return { groups, all: groups.flatMap(({ emoji }) => emoji) };
}

function one([character, english, zh]) {
  const names = english.split(" ");
  return { character, names, zh, name: language.startsWith("zh") ? zh : names[0].replaceAll("_", " ") };
}

/** Those that all words of `query` fit, in either language, the best first: how well it fits is a number, the lower the better. */
export function findEmoji(all, query) {
  const words = query.trim().toLowerCase().split(/[\s_]+/).filter(Boolean);
  if (!words.length) return [];
  const whole = words.join("_");
  const ranked = all.map((emoji) => [rank(emoji, words, whole), emoji]).filter(([place]) => place < Infinity);
  return ranked.sort(([a], [b]) => a - b).map(([, emoji]) => emoji);
}

function rank({ names, zh }, words, whole) {
  if (names.includes(whole) || zh === whole) return 0;
  if (names.some((name) => name.startsWith(whole)) || zh.startsWith(whole)) return 1;
  const parts = names.flatMap((name) => name.split(/[_-]/));
  const fits = words.every((word) => zh.includes(word) || parts.some((part) => part.startsWith(word)));
  return fits ? 2 : Infinity;
}

/** The suggestions for `:smi` and `:微笑`; `:smile:` becomes what it says. */
export async function emojiFor(text) {
  const { all } = await emojiData();
  const isWhole = text.length > 2 && text.endsWith(":");
  const query = text.replaceAll(":", "").toLowerCase();
  const found = isWhole ? all.filter(({ names }) => names.includes(query)) : findEmoji(all, query);
  return found.map((emoji) => ({
    insert: `${emoji.character} `,
    view: [el("span", { class: "completion-emoji" }, emoji.character), el("span", {}, `:${emoji.names.find((name) => name.startsWith(query)) ?? emoji.names[0]}:`), language.startsWith("zh") && el("span", { class: "completion-note" }, emoji.zh)].filter(Boolean),
  }));
}

export function recentEmoji() {
  return (recall(RECENT) ?? "").split(" ").filter(Boolean);
}

export function noteEmoji(character) {
  const others = recentEmoji().filter((other) => other !== character);
  keep(RECENT, [character, ...others].slice(0, MOST_RECENT).join(" "));
}

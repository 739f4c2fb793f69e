export const PALETTE = [
  "👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👏", "🔥", "👀", "✅", "❌", "🤔", "😍", "😅", "😭",
  "😊", "😎", "🥳", "🤝", "💪", "💯", "🚀", "☕", "🌹", "🍻", "👌", "🙌", "😴", "🤯", "😡", "👎",
];

const ONLY_EMOJI = /^(?:(?:\p{Regional_Indicator}{2}|\p{Emoji_Presentation}|\p{Extended_Pictographic}|[0-9#*]\uFE0F?\u20E3)[\p{Emoji_Modifier}\uFE0F]?(?:\u200D\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F]?)*\s*){1,8}$/u;

/** Whether a text is a few emoji and nothing else, which are shown large. */
export function isOnlyEmoji(text) {
  return text.length <= 80 && ONLY_EMOJI.test(text);
}

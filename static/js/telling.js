// Of which messages one is told: the twin of chat/telling.py. docs/notifications.md has it as a table; both are tried against it.
export const TOLD = new Set(["mention", "reply", "everyone", "private", "all"]);

/** Why `me` is told of `message` in `room` (a ROOM), or is not: one of the words of the table. */
export function why(message, { room, me, isBlocked }) {
  const refusals = {
    own: message.kind !== "system" && message.author?.id === me.id,
    system: message.kind === "system",
    deleted: Boolean(message.deleted_at),
    outside: !room?.role,
    blocked: isBlocked(message.author?.id),
    muted: room?.told_of === "none",
  };
  const calls = {
    mention: message.mentions?.includes(me.id),
    reply: message.reply_to?.author?.id === me.id,
    everyone: message.mentions_all,
    private: room?.kind === "direct" && room.told_of === "all",
    all: room?.told_of === "all",
  };
  return Object.entries({ ...refusals, ...calls }).find(([, holds]) => holds)?.[0] ?? "not_named";
}

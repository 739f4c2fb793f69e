"""Messages are taken down and brought back, many at once."""

from collections.abc import Collection, Iterable

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.actions.moderating import show_messages
from chat.actions.notices import tell_taken_down
from chat.errors import Forbidden, Invalid
from chat.models import Message, Room
from chat.texts import excerpt
from database.transactions import write_transaction
from moderation.actions.acts import check_authors
from moderation.actions.noting import SLICE, Item, NothingLeft, hide_all, note_act
from moderation.actions.reports import close_cases_about
from moderation.models import Act, ActItem, ActKind, ItemKind
from moderation.standing import check_right, standing_of

MAX_MESSAGES = 5_000
"""Messages acted on at once."""


def take_down_messages(
    actor: User, message_ids: Collection[int], reason: str = "", *, close_reports: bool = False
) -> Act:
    """Take messages down, wherever they stand; return the act. With `close_reports` the reports about them are closed.

    Who reported is told, so they stay closed when the act is taken back. Raises Forbidden for one without the right
    or who does not stand above all the authors, Invalid for none, and if none of them stands.
    """
    check_right(actor, "take_down_messages")
    with write_transaction():
        _check(actor, message_ids)
        act = Act(kind=ActKind.TAKE_DOWN, by=actor, at=timezone.now(), reason=reason)
        items = hide_all(act, message_ids)
        hidden = [pk for _kind, pk, _before in items]
        act.summary = _count(len(hidden))
        note_act(act, items)
        if close_reports:
            close_cases_about(actor, message_ids, reason)
        _record_down(act, hidden)
        _tell_authors(act, items)
    return act


def _record_down(act: Act, hidden: list[int]) -> None:
    """Write down what was taken down: a single message by name, but for what was said in private."""
    details = {"messages": sorted(hidden)[:100], "count": len(hidden)}
    only = Message.objects.select_related("room").get(pk=hidden[0]) if len(hidden) == 1 else None
    if only is None or only.room.is_direct:
        record(act.by, Verb.TAKE_DOWN, act, act.reason, label=act.summary, **details)
    else:
        details |= {"room": only.room_id, "act": act.pk}
        record(act.by, Verb.TAKE_DOWN, only, act.reason, label=excerpt(only.body), **details)


def _tell_authors(act: Act, items: Iterable[Item]) -> None:
    """Tell those who wrote what an act took down, which stood until then, room by room."""
    stood = [pk for _kind, pk, before in items if not before]
    gone: dict[tuple[int, int], list[int]] = {}
    for start in range(0, len(stood), SLICE):
        messages = Message.objects.filter(pk__in=stood[start : start + SLICE]).exclude(author=act.by)
        for pk, author, room in messages.values_list("pk", "author", "room"):
            gone.setdefault((author, room), []).append(pk)
    people = User.objects.in_bulk({author for author, _room in gone})
    rooms = Room.objects.in_bulk({room for _author, room in gone})
    for (author, room), ids in gone.items():
        tell_taken_down(people[author], rooms[room], ids, act.reason)


def restore_messages(actor: User, message_ids: Collection[int], reason: str = "") -> list[int]:
    """Bring messages back, whoever took them down; return the ids of those that were.

    Raises as the other; Invalid too if none comes back.
    """
    check_right(actor, "take_down_messages")
    with write_transaction():
        _check(actor, message_ids)
        # What its author deleted is the author's to bring back.
        by_others = Message.objects.filter(pk__in=message_ids, deleted_at__isnull=False).select_related("deleted_by")
        found = by_others.only("author_id", "deleted_by", "is_purged")
        own = deleted_before(message_ids)
        reasons = {message.pk: why_not_restore(actor, message, own) for message in found}
        ids = [pk for pk, reason in reasons.items() if not reason]
        shown = show_messages(ids)
        if not shown:
            raise NothingLeft(next(iter(reasons.values()), ""))
        record(
            actor, Verb.RESTORE, None, reason, label=_count(len(shown)), messages=sorted(shown)[:100], count=len(shown)
        )
    return shown


def why_not_restore(actor: User, message: Message, own: Collection[int]) -> str:
    """Return why `actor` cannot bring a message back that is down, as a sentence; "" if he or she can.

    `own`: which messages, by id, their authors had deleted first (`deleted_before`).
    """
    if message.is_purged:
        return _("It was removed for good.")
    if message.deleted_by_id == message.author_id or message.pk in own:
        return _("Its author deleted it: nobody else brings it back.")
    if message.deleted_by is not None and standing_of(message.deleted_by) > standing_of(actor):
        return _("Somebody above you took it down.")
    return ""


def check_restore(message: Message) -> None:
    """Raise Forbidden if a message that is down was deleted by its author first (settings CHECK_RESTORE)."""
    if message.deleted_by_id != message.author_id and message.pk in deleted_before([message.pk]):
        raise Forbidden(_("Its author deleted it: nobody else brings it back."))


def deleted_before(message_ids: Collection[int]) -> set[int]:
    """Return which of these messages their authors had deleted before an act that goes on kept them down."""
    ids, found = sorted(message_ids), set[int]()
    for start in range(0, len(ids), SLICE):
        items = ActItem.objects.filter(kind=ItemKind.MESSAGE, object_id__in=ids[start : start + SLICE])
        kept = items.filter(act__undone_at=None, before__has_key="by").exclude(before__has_key="given_back")
        by = {(item.object_id, item.before["by"]) for item in kept}
        written = Message.objects.filter(pk__in=[pk for pk, _by in by]).values_list("pk", "author_id")
        found |= {pk for pk, author in written if (pk, author) in by}
    return found


def _check(actor: User, message_ids: Collection[int]) -> None:
    if not message_ids:
        raise Invalid(_("Choose a message first."))
    if len(message_ids) > MAX_MESSAGES:
        raise Invalid(_("At most 5,000 messages at once."))
    # One's own, too: what somebody else took down is not one's own to bring back.
    check_authors(actor, message_ids)


def _count(number: int) -> str:
    return ngettext("%(number)d message", "%(number)d messages", number) % {"number": number}

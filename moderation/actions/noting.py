"""Acts are noted with what they changed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from chat.actions.moderating import hide_messages, keep_down, lock_rooms
from chat.errors import Invalid
from chat.models import Message, Room
from moderation.models import Act, ActItem, ItemKind
from moderation.standing import check_may_act_on, standing_of

SLICE = 500
SUMMARY_LENGTH = 200
NAMED = 3
"""Names in a summary; of the rest it says how many."""
MAX_PEOPLE = 1000
"""People acted on at once."""
MOMENT = timedelta(minutes=1)
"""Ends of bans and mutes that lie less apart are the same: what is sent twice is done once."""
Item = tuple[ItemKind, int, dict[str, Any]]
"""What was changed: its kind, its id, and what it was before."""


class NothingLeft(Invalid):
    """What was asked for is so already, or cannot be: it makes no act and no entry in the log."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why or _("Nothing was left to do: it is so already."))


def note_act(act: Act, items: Iterable[Item]) -> Act:
    """Store an act and what it changed; within its transaction. Raises NothingLeft if it changed nothing."""
    items = list(items)
    if not items:
        raise NothingLeft
    act.summary = act.summary[:SUMMARY_LENGTH]
    act.standing = standing_of(act.by)
    act.save()
    ActItem.objects.bulk_create(
        [ActItem(act=act, kind=item, object_id=pk, before=before) for item, pk, before in items], batch_size=SLICE
    )
    return act


def chosen_people(actor: User, ids: Collection[int]) -> list[User]:
    """Return people to act on, in the order of their ids. Raises Invalid for nobody or too many, Forbidden."""
    if len(ids) > MAX_PEOPLE:
        raise Invalid(_("At most 1,000 people at once."))
    found = list(User.objects.filter(pk__in=ids, is_former=False).order_by("pk"))
    if not found:
        raise Invalid(_("Choose somebody first."))
    check_may_act_on(actor, found)
    return found


def lock_people(people: Iterable[User]) -> list[User]:
    """Lock the rows of people, and return what they are now: of two who do the same at once, the second finds it done.

    Within a transaction, after the rooms that it locks.
    """
    ids = [user.pk for user in people]
    return list(User.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))


def summary_of(names: Iterable[str], room: Room | None = None) -> str:
    """Return the first few names, and how many more there are; and the room that it was in."""
    names = list(names)
    shown = ", ".join(names[:NAMED])
    shown = f"{shown} +{len(names) - NAMED}" if len(names) > NAMED else shown
    return f"{shown} · #{room}" if room else shown


def not_settled(messages: QuerySet[Message], actor: User) -> QuerySet[Message]:
    """Return those of messages that stand, or that their authors or somebody who stands below `actor` took down."""
    below = {"deleted_by__is_superuser": False} if actor.is_superuser else {"deleted_by__is_staff": False}
    by_lower = Q(deleted_by=F("author")) | Q(**below)
    return messages.filter(Q(deleted_at=None) | Q(by_lower, is_purged=False))


def hide_all(act: Act, message_ids: Collection[int]) -> list[Item]:
    """Take messages down by an act; return what was changed. Within its transaction.

    What its author has deleted, or somebody of lower standing took down, counts as taken down by this act from then on:
    they do not bring it back. Their ids are kept as `by`.
    """
    # All of them first, in their order: what is hidden and what is kept down may stand in different ones.
    lock_rooms(messages=message_ids)
    hidden: list[Item] = [(ItemKind.MESSAGE, pk, {}) for pk in hide_messages(message_ids, act.by, act.at)]
    below: dict[int, int | None] = {}
    for start in range(0, len(ids := sorted(set(message_ids) - {pk for _kind, pk, _before in hidden})), SLICE):
        part = not_settled(Message.objects.filter(pk__in=ids[start : start + SLICE]), act.by).exclude(deleted_at=None)
        below |= dict(part.order_by().values_list("pk", "deleted_by"))
    return hidden + [(ItemKind.MESSAGE, pk, {"by": below[pk]}) for pk in keep_down(list(below), act.by)]


def count_standing(items: Iterable[Item]) -> int:
    """Return how many messages of `hide_all` stood before."""
    return sum(not before for _kind, _pk, before in items)


def ids_of(act: Act, kind: ItemKind) -> list[int]:
    """Return the ids of what an act changed, of one kind."""
    return list(act.items.filter(kind=kind).order_by("object_id").values_list("object_id", flat=True))


def only_one(people: Sequence[User]) -> User | None:
    return people[0] if len(people) == 1 else None


def person_items(people: Sequence[User]) -> list[Item]:
    return [(ItemKind.PERSON, user.pk, {}) for user in people]


def is_same(one: datetime | None, other: datetime | None) -> bool:
    return one == other if one is None or other is None else abs(one - other) < MOMENT


def check_until(until: datetime | None) -> None:
    if until is not None and until <= timezone.now():
        raise Invalid(_("That time has passed already."), "until")


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

"""Acts are noted with what they changed, and taken back."""

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.actions import ban_user, unban_user
from accounts.models import AccessToken, User
from audit.log import record
from audit.models import Verb
from chat.actions.moderating import lock_rooms, mute_everywhere, mute_in_room, set_room, show_messages, tell_rights
from chat.errors import Invalid
from chat.models import Invitation, Membership, Message, Room
from database.transactions import write_transaction
from moderation.actions.former_profiles import undo_profiles
from moderation.actions.held import bring_back_held
from moderation.actions.lifting import bans_in_force, check_may_lift, check_may_open
from moderation.models import Act, ActItem, ActKind, ItemKind
from moderation.standing import check_may_act_on, check_right

SLICE = 500
SUMMARY_LENGTH = 200
Item = tuple[ItemKind, int, dict[str, Any]]
"""What was changed: its kind, its id, and what it was before."""
RIGHTS = {
    ActKind.BAN: "ban_people",
    ActKind.MUTE: "mute_people",
    ActKind.TAKE_DOWN: "take_down_messages",
    ActKind.ROOM: "change_rooms",
    ActKind.STAFF: "",
    ActKind.REVOKE: "",
    ActKind.RAID: "undo_raids",
    ActKind.PROFILE: "reset_profiles",
}
"""The right that an act takes; "" for administrators alone. Whoever has it may take the act back too."""


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
    act.save()
    ActItem.objects.bulk_create(
        [ActItem(act=act, kind=item, object_id=pk, before=before) for item, pk, before in items], batch_size=SLICE
    )
    return act


def lock_people(people: Iterable[User]) -> list[User]:
    """Lock the rows of people, and return what they are now: of two who do the same at once, the second finds it done.

    Within a transaction, after the rooms that it locks.
    """
    ids = [user.pk for user in people]
    return list(User.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))


def summary_of(names: Iterable[str]) -> str:
    """Return the first few names, and how many more there are."""
    names = list(names)
    shown = ", ".join(names[:3])
    return f"{shown} +{len(names) - 3}" if len(names) > 3 else shown  # noqa: PLR2004 - the same three


def check_may_undo(actor: User, act: Act) -> None:
    """Raise Forbidden for one without the right to take an act back, or of lower standing than who did it or those it
    was done to.
    """
    check_right(actor, RIGHTS[ActKind(act.kind)] or "administer")
    check_may_lift(actor, [act])
    check_may_act_on(actor, _people(act))
    check_authors(actor, ids_of(act, ItemKind.MESSAGE))
    for item in act.items.filter(kind=ItemKind.ROOM):
        # Somebody above may have locked it again since.
        if room := Room.objects.filter(pk=item.object_id).first():
            check_may_open(actor, room, item.before["before"])


def undo_act(actor: User, act_id: int, reason: str = "") -> Act:
    """Take an act back as one: what it changed and nobody has changed since is as before.

    Raises Forbidden for one without the right or of lower standing than those it was done to, Invalid if it has been
    taken back already.
    """
    with write_transaction():
        act = Act.objects.select_for_update(of=("self",)).get(pk=act_id)
        check_may_undo(actor, act)
        if act.undone_at:
            raise Invalid(_("This has been taken back already."))
        act.undone_at, act.undone_by = timezone.now(), actor
        act.save(update_fields=["undone_at", "undone_by"])
        if act.kind == ActKind.STAFF:
            _undo_staff(act)
        else:
            lock_rooms(people=ids_of(act, ItemKind.PERSON), messages=ids_of(act, ItemKind.MESSAGE))
            _show_messages(act)
            _undo_rooms(act)
            _undo_people(act)
            undo_profiles(act)
            bring_back_held(ids_of(act, ItemKind.HELD), act)
            _undo_revocations(act)
        verb = Verb.RAID_BACK if act.kind == ActKind.RAID else _UNDONE[ActKind(act.kind)]
        record(actor, verb, act, reason, label=str(act), act=act.pk, taken_back=True)
    return act


_UNDONE = {
    ActKind.BAN: Verb.UNBAN,
    ActKind.MUTE: Verb.UNMUTE,
    ActKind.TAKE_DOWN: Verb.RESTORE,
    ActKind.ROOM: Verb.ROOM,
    ActKind.STAFF: Verb.RIGHTS,
    ActKind.REVOKE: Verb.OTHER,
    ActKind.PROFILE: Verb.PROFILE,
}


def ids_of(act: Act, kind: ItemKind) -> list[int]:
    """Return the ids of what an act changed, of one kind."""
    return list(act.items.filter(kind=kind).order_by("object_id").values_list("object_id", flat=True))


def ban_in_force(user_id: int) -> Act | None:
    """Return the act by which someone is banned now, that which lasts longest; None if nobody's act says so."""
    return max(bans_in_force([user_id]), key=lambda act: (act.until is None, act.until or act.at), default=None)


def still_banned(act_ids: Collection[int]) -> list[User]:
    """Return whom bans were taken back of that are banned all the same, by another act."""
    items = ActItem.objects.filter(
        kind=ItemKind.PERSON, act__in=act_ids, act__kind__in=[ActKind.BAN, ActKind.RAID], act__undone_at__isnull=False
    )
    banned = User.objects.filter(pk__in=items.values("object_id"), is_active=False, is_former=False)
    return list(banned.order_by("pk"))


def _people(act: Act) -> list[User]:
    return list(User.objects.filter(pk__in=ids_of(act, ItemKind.PERSON)))


def check_authors(actor: User, messages: Collection[int]) -> None:
    """Raise Forbidden unless `actor` stands above all who wrote these messages."""
    ids, authors = sorted(messages), set[int]()
    for start in range(0, len(ids), SLICE):
        written = Message.objects.filter(pk__in=ids[start : start + SLICE])
        authors |= set(written.values_list("author", flat=True))
    check_may_act_on(actor, User.objects.filter(pk__in=authors).order_by("pk"))


def _show_messages(act: Act) -> None:
    if ids := ids_of(act, ItemKind.MESSAGE):
        show_messages(ids, hidden_at=act.at)


def _undo_rooms(act: Act) -> None:
    for item in act.items.filter(kind=ItemKind.ROOM):
        set_room(item.object_id, item.before["before"], only_if=item.before["after"])


def _undo_people(act: Act) -> None:
    if act.kind == ActKind.MUTE:
        for item in act.items.filter(kind=ItemKind.PERSON):
            _undo_mute(act, item)
    elif act.kind in (ActKind.BAN, ActKind.RAID):
        for user in _people(act):
            if user.is_active or user.is_former:
                continue
            other = ban_in_force(user.pk)
            if other is None:
                unban_user(user)
            else:
                ban_user(user, until=other.until, reason=other.reason)


def _undo_mute(act: Act, item: ActItem) -> None:
    before = item.before["muted_until"]
    until = parse_datetime(before) if before else None
    if room_id := item.before.get("room"):
        if Membership.objects.filter(room=room_id, user=item.object_id, muted_until=act.until).exists():
            mute_in_room(item.object_id, room_id, until)
    elif user := User.objects.filter(pk=item.object_id, muted_until=act.until).first():
        mute_everywhere(user, until)


def _undo_revocations(act: Act) -> None:
    tokens = AccessToken.objects.filter(pk__in=ids_of(act, ItemKind.TOKEN), revoked_at=act.at)
    tokens.update(revoked_at=None)
    invitations = Invitation.objects.filter(pk__in=ids_of(act, ItemKind.INVITATION), revoked_at=act.at)
    invitations.update(revoked_at=None)


def _undo_staff(act: Act) -> None:
    for item in act.items.filter(kind=ItemKind.PERSON):
        user = User.objects.get(pk=item.object_id)
        was_staff = item.before["is_staff"]
        has_changed_since = user.is_staff != item.before["made"]
        if has_changed_since or (was_staff and (user.is_former or not user.is_active)):
            continue
        User.objects.filter(pk=user.pk).update(is_staff=was_staff)
        user.groups.set(Group.objects.filter(pk__in=item.before["groups"]))
        tell_rights(user)

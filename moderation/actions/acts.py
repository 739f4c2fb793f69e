"""Acts are taken back."""

from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AccessToken, User
from audit.log import record
from audit.models import Verb
from chat.actions.moderating import hide_reactions, lock_rooms, set_room, show_messages
from chat.errors import Invalid
from chat.models import Invitation, Message, Room
from database.transactions import write_transaction
from moderation.actions.bans import undo_bans
from moderation.actions.former_profiles import undo_profiles
from moderation.actions.held import bring_back_held
from moderation.actions.lifting import check_may_lift, check_may_open, give_back, is_last_closing, reactions_of
from moderation.actions.mutes import check_may_undo_mutes, undo_mutes
from moderation.actions.noting import SLICE, ids_of
from moderation.actions.staff import undo_staff
from moderation.models import Act, ActKind, ItemKind
from moderation.standing import check_may_act_on, check_right

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
_UNDONE = {
    ActKind.BAN: Verb.UNBAN,
    ActKind.MUTE: Verb.UNMUTE,
    ActKind.TAKE_DOWN: Verb.RESTORE,
    ActKind.ROOM: Verb.ROOM,
    ActKind.STAFF: Verb.RIGHTS,
    ActKind.REVOKE: Verb.OTHER,
    ActKind.PROFILE: Verb.PROFILE,
}


def check_may_undo(actor: User, act: Act) -> None:
    """Raise Forbidden for one without the right to take an act back, or of lower standing than who did it or those it
    was done to.
    """
    check_right(actor, RIGHTS[ActKind(act.kind)] or "administer")
    if act.kind == ActKind.BAN and act.items.filter(kind=ItemKind.MESSAGE).exists():
        check_right(actor, RIGHTS[ActKind.TAKE_DOWN])
    check_may_lift(actor, [act])
    check_may_act_on(actor, _people(act))
    check_authors(actor, ids_of(act, ItemKind.MESSAGE))
    check_may_undo_mutes(actor, act)
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
        act.undone_at, act.undone_by, act.undone_reason = timezone.now(), actor, reason
        act.save(update_fields=["undone_at", "undone_by", "undone_reason"])
        if act.kind == ActKind.STAFF:
            undo_staff(act)
        else:
            reactions = reactions_of(act)
            lock_rooms(people=ids_of(act, ItemKind.PERSON), messages=ids_of(act, ItemKind.MESSAGE), reactions=reactions)
            _show_messages(act)
            hide_reactions(reactions, is_hidden=False)
            _undo_rooms(act)
            _undo_people(act)
            undo_profiles(act)
            bring_back_held(ids_of(act, ItemKind.HELD), act)
            _undo_revocations(act)
        verb = Verb.RAID_BACK if act.kind == ActKind.RAID else _UNDONE[ActKind(act.kind)]
        record(actor, verb, act, reason, label=str(act), act=act.pk, taken_back=True)
    return act


def check_authors(actor: User, messages: Collection[int]) -> None:
    """Raise Forbidden unless `actor` stands above all who wrote these messages."""
    ids, authors = sorted(messages), set[int]()
    for start in range(0, len(ids), SLICE):
        written = Message.objects.filter(pk__in=ids[start : start + SLICE])
        authors |= set(written.values_list("author", flat=True))
    check_may_act_on(actor, User.objects.filter(pk__in=authors).order_by("pk"))


def _people(act: Act) -> list[User]:
    return list(User.objects.filter(pk__in=ids_of(act, ItemKind.PERSON)))


def _show_messages(act: Act) -> None:
    if ids := ids_of(act, ItemKind.MESSAGE):
        show_messages(ids, hidden=(act.at, act.by_id))
        give_back(act)


def _undo_rooms(act: Act) -> None:
    for item in act.items.filter(kind=ItemKind.ROOM):
        room = Room.objects.get(pk=item.object_id)
        # One that everyone has been put into since stays out of the archive.
        before = {
            name: value
            for name, value in item.before["before"].items()
            if is_last_closing(item, name) and not (name == "is_archived" and value and room.is_default)
        }
        set_room(room.pk, before, only_if=item.before["after"])


def _undo_people(act: Act) -> None:
    if act.kind == ActKind.MUTE:
        undo_mutes(act)
    elif act.kind in (ActKind.BAN, ActKind.RAID):
        undo_bans(act)


def _undo_revocations(act: Act) -> None:
    tokens = AccessToken.objects.filter(pk__in=ids_of(act, ItemKind.TOKEN), revoked_at=act.at)
    tokens.update(revoked_at=None)
    invitations = Invitation.objects.filter(pk__in=ids_of(act, ItemKind.INVITATION), revoked_at=act.at)
    invitations.update(revoked_at=None)

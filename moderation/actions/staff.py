"""People are made moderators and administrators, and are so no longer."""

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.resets import end_reset_links
from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.actions.moderating import tell_rights
from chat.errors import Forbidden, Invalid
from database.transactions import write_transaction
from moderation.actions.noting import Item, NothingLeft, chosen_people, lock_people, note_act, only_one, summary_of
from moderation.apps import GROUP
from moderation.models import Act, ActKind, ItemKind
from moderation.standing import check_administrator, check_may_act_on


def make_moderators(actor: User, people: Collection[int], reason: str = "", groups: Collection[Group] = ()) -> Act:
    """Make people moderators of the site, with the rights of `groups`, or of the group of that name; return the act.

    Raises Forbidden for one who is no administrator, Invalid for guests, bots and the banned.
    """
    return _set_staff(actor, people, reason, groups or [Group.objects.get_or_create(name=GROUP)[0]])


def unmake_moderators(actor: User, people: Collection[int], reason: str = "") -> Act:
    """Take moderation away from people; return the act. Raises Forbidden or Invalid."""
    return _set_staff(actor, people, reason, [])


def make_administrator(actor: User, user_id: int, reason: str = "") -> User:
    """Make somebody an administrator as well. Raises Forbidden, or Invalid for guests, bots and the banned."""
    check_administrator(actor)
    with write_transaction():
        user = _fit(User.objects.select_for_update(no_key=True).filter(pk=user_id))[0]
        if user.is_superuser:
            raise NothingLeft
        end_reset_links([user])
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
        tell_rights(user)
        record(actor, Verb.RIGHTS, user, reason, administrator=True)
    return user


def step_down(actor: User) -> None:
    """Have an administrator be one no longer. Raises Forbidden for the last one."""
    check_administrator(actor)
    with write_transaction():
        others = User.objects.filter(is_superuser=True, is_active=True, is_former=False).exclude(pk=actor.pk)
        if not others.select_for_update(no_key=True).exists():
            raise Forbidden(_("You are the only administrator: make somebody else one first."))
        User.objects.filter(pk=actor.pk).update(is_superuser=False)
        tell_rights(actor)
        record(actor, Verb.RIGHTS, actor, administrator=False)


def check_fit(people: Sequence[User]) -> None:
    """Raise Invalid unless all of them, and at least one, can be moderators."""
    if not people:
        raise Invalid(_("Choose somebody first."))
    if any(user.is_guest or user.is_bot or user.is_former or not user.is_active for user in people):
        raise Invalid(_("Only people with a password can be moderators, and none who are banned."))


def undo_staff(act: Act) -> None:
    """Have those be what they were before an act, whom nothing has changed since. Within a transaction."""
    for item in act.items.filter(kind=ItemKind.PERSON):
        user = User.objects.get(pk=item.object_id)
        was_staff = item.before["is_staff"]
        has_changed_since = user.is_staff != item.before["made"]
        if has_changed_since or (was_staff and (user.is_former or not user.is_active)):
            continue
        end_reset_links([user])
        User.objects.filter(pk=user.pk).update(is_staff=was_staff)
        user.groups.set(Group.objects.filter(pk__in=item.before["groups"]))
        tell_rights(user)


def _set_staff(actor: User, people: Collection[int], reason: str, groups: Collection[Group]) -> Act:
    check_administrator(actor)
    is_staff = bool(groups)
    with write_transaction():
        found = chosen_people(actor, people) if not is_staff else _fit(User.objects.filter(pk__in=people))
        check_may_act_on(actor, found)
        wanted = {group.pk for group in groups}
        found = [user for user in lock_people(found) if not _has_just(user, wanted, is_staff=is_staff)]
        act = Act(kind=ActKind.STAFF, by=actor, at=timezone.now(), reason=reason)
        act.summary = summary_of(user.nickname for user in found)
        before: list[Item] = [(ItemKind.PERSON, user.pk, _rights_of(user) | {"made": is_staff}) for user in found]
        note_act(act, before)
        end_reset_links(found)
        for user in found:
            User.objects.filter(pk=user.pk).update(is_staff=is_staff)
            user.groups.set(groups)
            tell_rights(user)
        verb = Verb.STAFF if is_staff else Verb.UNSTAFF
        details = {"people": [user.pk for user in found], "groups": [group.name for group in groups]}
        record(actor, verb, only_one(found), reason, label=act.summary, act=act.pk, **details)
    return act


def _has_just(user: User, groups: set[int], *, is_staff: bool) -> bool:
    return user.is_staff == is_staff and set(user.groups.values_list("pk", flat=True)) == groups


def _rights_of(user: User) -> dict[str, Any]:
    return {"is_staff": user.is_staff, "groups": list(user.groups.values_list("pk", flat=True))}


def _fit(people: QuerySet[User]) -> list[User]:
    found = list(people.order_by("pk"))
    check_fit(found)
    return found

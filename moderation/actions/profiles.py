"""Nicknames and pictures that cannot stay are taken away."""

from collections.abc import Collection
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import change_profile, set_picture, suggest_nickname
from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.errors import Invalid
from database.transactions import write_transaction
from moderation.actions.former_profiles import is_given
from moderation.actions.noting import Item, chosen_people, lock_people, note_act, summary_of
from moderation.models import Act, ActKind, ItemKind
from moderation.standing import check_right


def reset_profiles(actor: User, people: Collection[int], reason: str, *, nickname: bool, picture: bool) -> Act:
    """Give people another nickname, take away their pictures, or both; everyone sees it at once. Returns the act.

    They are told why, and may choose others but not the same nickname: who chooses no better is for muting or banning.
    Raises Forbidden for one without the right or who does not stand above all of them, Invalid for nobody and where
    there is nothing to take away.
    """
    check_right(actor, "reset_profiles")
    with write_transaction():
        found = lock_people(chosen_people(actor, people))
        act = Act(kind=ActKind.PROFILE, by=actor, at=timezone.now(), reason=reason)
        act.summary = summary_of(user.nickname for user in found)
        items = [item for user in found if (item := _reset(user, nickname=nickname, picture=picture))]
        if not items:
            raise Invalid(_("There is nothing to take away."))
        note_act(act, items)
        details = {"people": [pk for _kind, pk, _before in items], "nickname": nickname, "picture": picture}
        record(actor, Verb.PROFILE, found[0] if len(found) == 1 else None, reason, label=act.summary, **details)
    return act


def _reset(user: User, *, nickname: bool, picture: bool) -> Item | None:
    before: dict[str, Any] = {}
    if picture and user.picture:
        before |= {"picture": user.picture, "avatar": user.avatar}
        set_picture(user, "")
    if nickname and not is_given(user):
        given = suggest_nickname(_("Somebody"))
        before |= {"nickname": user.nickname, "given": given}
        change_profile(user, {"nickname": given})
    return (ItemKind.PERSON, user.pk, before) if before else None

"""Who may act on whom. Nobody acts on someone at or above his or her own standing on the site."""

from collections.abc import Iterable
from enum import IntEnum

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from chat.errors import Forbidden
from moderation.models import Case


class SiteStanding(IntEnum):
    """How high someone stands on the site."""

    PERSON = 0
    MODERATOR = 1
    ADMINISTRATOR = 2


def standing_of(user: User) -> SiteStanding:
    """Return how high someone stands on the site."""
    if user.is_superuser:
        return SiteStanding.ADMINISTRATOR
    return SiteStanding.MODERATOR if user.is_staff else SiteStanding.PERSON


def may_act_on(actor: User, person: User) -> bool:
    """Tell whether `actor` stands above `person`."""
    return standing_of(actor) > standing_of(person)


def check_may_act_on(actor: User, people: Iterable[User]) -> None:
    """Raise Forbidden, naming them, unless `actor` stands above all these people."""
    above = [person.nickname for person in people if not may_act_on(actor, person)]
    if above:
        raise Forbidden(_("You may not act on: %(people)s") % {"people": ", ".join(above[:10])})


def why_not_on(actor: User, person: User) -> str:
    """Return why `actor` may not act on `person`, as a sentence; "" if he or she may."""
    if may_act_on(actor, person):
        return ""
    if actor.pk == person.pk:
        return _("This is you: nobody acts on himself or herself here.")
    if person.is_superuser:
        return _("%(nickname)s is an administrator: nobody acts on administrators here.") % {
            "nickname": person.nickname
        }
    return _("%(nickname)s is a moderator: only administrators act on moderators.") % {"nickname": person.nickname}


def check_right(actor: User, right: str) -> None:
    """Raise Forbidden unless `actor` has the right `moderation.<right>`."""
    if not actor.has_perm(f"moderation.{right}"):
        raise Forbidden(_("You do not have the right to do that."))


def check_administrator(actor: User) -> None:
    """Raise Forbidden unless `actor` is an administrator."""
    if not actor.is_superuser or not actor.is_active:
        raise Forbidden(_("Only administrators may do that."))


def visible_cases(cases: QuerySet[Case], actor: User) -> QuerySet[Case]:
    """Return the reports that somebody may know of, if he or she may see reports at all: those about people below; and
    administrators all but those about themselves, since somebody must hear of what an administrator did.
    """
    if not (actor.has_perm("moderation.view_case") or actor.has_perm("moderation.change_case")):
        return cases.none()
    return cases.exclude(withheld_from(actor))


def withheld_from(actor: User) -> Q:
    """Return which reports somebody is not to know of, whatever the rights: see `visible_cases`."""
    return Q(person=actor) if actor.is_superuser else Q(person__is_staff=True)

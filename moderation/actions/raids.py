"""A raid: many accounts of one origin. They are found, looked at, and undone as one act, which can be taken back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any, NamedTuple, TypeVar

from django.db.models import Count, F, Max, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import ban_user
from accounts.models import AccessToken, User
from audit.log import record
from audit.models import Verb
from chat.actions.moderating import hide_reactions, lock_rooms
from chat.errors import Invalid
from chat.models import Invitation, InvitationUse, Message, Reaction, RoomKind
from database.transactions import write_transaction
from moderation.actions.access import revoke_tokens
from moderation.actions.bans import MAX_HIDDEN
from moderation.actions.held import set_aside_held
from moderation.actions.lifting import bans_in_force, is_bound
from moderation.actions.noting import (
    MAX_PEOPLE,
    Item,
    count_standing,
    hide_all,
    lock_people,
    not_settled,
    note_act,
    summary_of,
)
from moderation.models import Act, ActItem, ActKind, ItemKind
from moderation.sight import readable
from moderation.standing import check_may_act_on, check_right, standing_of

Done = TypeVar("Done", Message, Reaction)
LATEST = 3
"""How many of the latest messages of each person are shown."""


@dataclass(frozen=True)
class Origin:
    """Where a raid came from: those who came by an invitation, within a time, from addresses. All that is given holds.

    `addresses` is one address or a range as RFC 4632 writes it: 203.0.113.0/24, 2001:db8::/32.
    """

    invitation: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    addresses: str = ""

    def check(self) -> None:
        """Raise Invalid if nothing is given, or what is given makes no sense."""
        if not (self.invitation or self.since or self.addresses):
            raise Invalid(_("Say at least one: an invitation, a time, or addresses."))
        if self.since and self.until and self.since >= self.until:
            raise Invalid(_("The time ends before it begins."), "until")
        if self.addresses:
            try:
                ip_network(self.addresses, strict=False)
            except ValueError:
                raise Invalid(_("This is no address and no range of addresses."), "addresses") from None


def find_raiders(origin: Origin) -> Sequence[User]:
    """Return those of that origin who are no moderators, the newest first, at most 1,000, with what they did:
    `message_count`, `standing_count` (of messages not taken down), `raid_count` (of those, what they wrote since they
    came by that origin), `reaction_count` (since then), `last_wrote_at`, and `latest`, up to three messages that who
    reads may see. Raises Invalid.
    """
    origin.check()
    people = _came_by(origin).annotate(
        message_count=Count("messages", distinct=True),
        standing_count=Count("messages", filter=Q(messages__deleted_at=None), distinct=True),
        last_wrote_at=Max("messages__created_at"),
    )
    found = _from_there(people.order_by("-pk"), origin)
    counts = _counts(written_since(found, origin), "author")
    reactions = _counts(reactions_since(found, origin), "user")
    for user in found:
        user.raid_count = counts.get(user.pk, 0)  # type: ignore[attr-defined]  # as the annotated ones
        user.reaction_count = reactions.get(user.pk, 0)  # type: ignore[attr-defined]
    latest = readable(Message.objects.select_related("room")).prefetch_related("attachments").order_by("-pk")[:LATEST]
    prefetch_related_objects(found, Prefetch("messages", latest, to_attr="latest"))
    return found


class Extent(NamedTuple):
    """How much the undoing of a raid changes: whom it bans, which standing messages it takes down and which of the same
    people it leaves because they are older, which reactions it takes away, and what it revokes.
    """

    people: int
    messages: int
    earlier: int
    reactions: int
    invitations: int
    tokens: int


def extent_of(actor: User, people: Collection[int], origin: Origin) -> Extent:
    """Return what `undo_raid` would do now. Raises Invalid for somebody who is not of that origin."""
    found = list(_present(people))
    _check_came_by(found, origin)
    ids = [user.pk for user in found]
    written = min(written_since(found, origin).count(), MAX_HIDDEN)
    standing = Message.objects.filter(author__in=ids, deleted_at=None).count()
    return Extent(
        people=len(_to_be_banned(actor, found)),
        messages=written,
        earlier=standing - written,
        reactions=min(reactions_since(found, origin).count(), MAX_HIDDEN),
        invitations=_invitations_of(found, origin.invitation, actor).count(),
        tokens=AccessToken.objects.filter(user__in=ids, revoked_at=None).count(),
    )


def undo_raid(actor: User, people: Collection[int], reason: str, origin: Origin | None = None) -> Act:
    """Ban people, take down what they wrote since they came by `origin` (without one all of it; the newest 20,000
    messages) and as many reactions of theirs, and revoke their tokens and invitations, and the invitation they came by.

    One act, taken back as one. Raises Forbidden for one without the right or who does not stand above all of them,
    Invalid for nobody, for somebody who is not of that origin, and if nothing is left to do.
    """
    check_right(actor, "undo_raids")
    if not 0 < len(people) <= MAX_PEOPLE:
        raise Invalid(_("Choose 1 to 1,000 people."))
    with write_transaction():
        found = list(_present(people))
        if not found:
            raise Invalid(_("Choose 1 to 1,000 people."))
        check_may_act_on(actor, found)
        if origin is not None:
            _check_came_by(found, origin)
        origin = origin or Origin()
        act = Act(kind=ActKind.RAID, by=actor, at=timezone.now(), reason=reason)
        act.summary = summary_of(user.nickname for user in found)
        theirs = Message.objects.filter(author__in=[user.pk for user in found])
        own = _since(not_settled(theirs, actor).exclude(deleted_at=None), origin)
        newest = (part.order_by("-pk").values_list("pk", flat=True) for part in (written_since(found, origin), own))
        written = [pk for part in newest for pk in part[:MAX_HIDDEN]]
        put = list(_reactions(found, origin).order_by("-pk").values_list("pk", flat=True)[:MAX_HIDDEN])
        lock_rooms(people=people, messages=written, reactions=put)
        found = lock_people(found)
        hidden = hide_all(act, written)
        reactions = hide_reactions(put)
        invitations = _revoke_invitations(found, origin.invitation, act)
        tokens = list(revoke_tokens(found, act))
        banned = _to_be_banned(actor, found)
        for user in banned:
            ban_user(user, reason=reason)
        items: list[Item] = [(ItemKind.PERSON, user.pk, {}) for user in banned]
        items += [(ItemKind.HELD, pk, {}) for pk in set_aside_held(found, act)]
        items += [*hidden, *invitations, *tokens]
        # Those that another act has away already are this one's too, once it does something.
        note_act(act, items + [(ItemKind.REACTION, pk, {}) for pk in (put if items else reactions)])
        counts = {
            "people": len(banned),
            "messages": count_standing(hidden),
            "reactions": len(reactions),
            "invitations": len(invitations),
            "tokens": len(tokens),
        }
        record(actor, Verb.RAID, act, reason, label=act.summary, act=act.pk, **counts)
    return act


def _to_be_banned(actor: User, people: Collection[User]) -> list[User]:
    """Return whom of these the undoing of a raid by `actor` has to ban: also who is banned already by an act that may
    end, or be lifted, before this one is.
    """
    raids = bans_in_force([user.pk for user in people if not user.is_active]).filter(kind=ActKind.RAID)
    binding = [act for act in raids if is_bound(actor, [act])]
    items = ActItem.objects.filter(kind=ItemKind.PERSON, act__in=binding).exclude(before__has_key="lifted")
    bound = set(items.values_list("object_id", flat=True))
    return [user for user in people if user.is_active or user.pk not in bound]


def written_since(people: Iterable[User], origin: Origin) -> QuerySet[Message]:
    """Return the standing messages that people wrote since they came by `origin`: since they used the invitation, and
    since the window began. An address is known of the moment an account was made, which is before all its messages.
    """
    return _since(Message.objects.filter(author__in=[user.pk for user in people], deleted_at=None), origin)


def reactions_since(people: Iterable[User], origin: Origin) -> QuerySet[Reaction]:
    """Return the reactions that people put under messages since they came by `origin`, as `written_since` counts it."""
    return _reactions(people, origin).filter(is_hidden=False)


def _reactions(people: Iterable[User], origin: Origin) -> QuerySet[Reaction]:
    return _since(Reaction.objects.filter(user__in=[user.pk for user in people]), origin, "user")


def _since(done: QuerySet[Done], origin: Origin, who: str = "author") -> QuerySet[Done]:
    if origin.invitation:
        used = f"{who}__invitations_used"
        # A newcomer's account was made with the link: the two clocks that tell these times may differ a little.
        is_since = Q(**{f"{used}__is_newcomer": True}) | Q(created_at__gte=F(f"{used}__created_at"))
        done = done.filter(is_since, **{f"{used}__invitation": origin.invitation})
    return done.filter(created_at__gte=origin.since) if origin.since else done


def _came_by(origin: Origin) -> QuerySet[User]:
    """Return those of an origin who are no moderators, whatever addresses they came from."""
    people: QuerySet[User] = User.objects.filter(is_staff=False, is_superuser=False, is_former=False)
    if origin.invitation:
        people = people.filter(pk__in=_newcomers_by(origin.invitation))
    if origin.since:
        people = people.filter(created_at__gte=origin.since)
    if origin.until:
        people = people.filter(created_at__lt=origin.until)
    return people


def _from_there(people: QuerySet[User], origin: Origin) -> list[User]:
    """Return the first of `people` who came from the addresses of an origin, which no database compares."""
    if not origin.addresses:
        return list(people[:MAX_PEOPLE])
    network = ip_network(origin.addresses, strict=False)
    return [user for user in people.exclude(arrived_from=None) if _is_in(user.arrived_from, network)][:MAX_PEOPLE]


def _check_came_by(people: Sequence[User], origin: Origin) -> None:
    """Raise Invalid, naming them, if some of these people are not of an origin."""
    origin.check()
    of_origin = _from_there(_came_by(origin).filter(pk__in=[user.pk for user in people]), origin)
    known = {user.pk for user in of_origin}
    if strangers := [user.nickname for user in people if user.pk not in known]:
        raise Invalid(_("Not everybody you chose came from there: %(people)s") % {"people": ", ".join(strangers[:10])})


def _counts(done: QuerySet[Any], who: str) -> dict[int, int]:
    return dict(done.order_by().values_list(who).annotate(Count("pk")))


def _present(people: Collection[int]) -> QuerySet[User]:
    return User.objects.filter(pk__in=people, is_former=False).order_by("pk")


def _newcomers_by(invitation: int) -> list[int]:
    """Return who came to the site by an invitation: with it, or a day before it was used at most."""
    uses = InvitationUse.objects.filter(invitation=invitation)
    soon = uses.filter(created_at__lt=F("user__created_at") + timedelta(days=1))
    return list(soon.values_list("user", flat=True)) + list(
        uses.filter(is_newcomer=True).values_list("user", flat=True)
    )


def _in_rooms() -> QuerySet[Message]:
    """Return what was said in rooms: what is in private chats may be taken down, but nobody here reads it."""
    return Message.objects.exclude(room__kind=RoomKind.DIRECT).select_related("room")


def _is_in(address: str | None, network: object) -> bool:
    single = ip_network(address or "::")
    return single.version == network.version and single.subnet_of(network)  # type: ignore[attr-defined, arg-type]


def _invitations_of(people: list[User], came_by: int | None, actor: User) -> QuerySet[Invitation]:
    own = Q(by__in=[user.pk for user in people])
    if came_by is not None:
        maker = Invitation.objects.select_related("by").filter(pk=came_by).first()
        # The link of somebody above is that one's to revoke; using it up does no harm to its maker.
        if maker is not None and (maker.by_id == actor.pk or standing_of(maker.by) < standing_of(actor)):
            own |= Q(pk=came_by)
    return Invitation.objects.filter(own, revoked_at=None)


def _revoke_invitations(people: list[User], came_by: int | None, act: Act) -> list[Item]:
    found = _invitations_of(people, came_by, act.by)
    ids = list(found.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    Invitation.objects.filter(pk__in=ids).update(revoked_at=act.at)
    return [(ItemKind.INVITATION, pk, {}) for pk in ids]

"""What somebody may do in a room: by the role there, and in public rooms by what he or she is on the site."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Protocol

from django.conf import settings

from accounts.models import User
from chat.models import Role, Room, RoomKind

MODERATING = ("take_down", "mute", "remove")
ABILITIES = (
    "invite", "edit", "moderate", "roles", "archive", "transfer", "default", *MODERATING, "versions", "links", "speak",
)  # fmt: skip
"""What may be allowed to someone in a room, besides reading and writing (ROOM, `abilities`). `moderate` is all of
MODERATING together."""
ABOUT_MEMBERS = ("mute", "remove", "roles", "transfer")
"""Those of them that are about one other member (MEMBER, `abilities`)."""


class Standing(IntEnum):
    """How high someone stands in a room. Nobody acts on someone at or above his or her own standing."""

    OUTSIDER = 0
    MEMBER = 1
    MODERATOR = 2
    OWNER = 3
    STAFF = 4
    ADMINISTRATOR = 5


class OnSite(Protocol):
    """What of a person says how high he or she stands on the site."""

    @property
    def is_staff(self) -> bool: ...
    @property
    def is_superuser(self) -> bool: ...


_STANDINGS: dict[str | None, Standing] = {
    None: Standing.OUTSIDER,
    Role.MEMBER.value: Standing.MEMBER,
    Role.MODERATOR.value: Standing.MODERATOR,
    Role.OWNER.value: Standing.OWNER,
}
_OWNERS = frozenset({"roles", "archive", "transfer"})
"""What takes an owner."""


def standing(user: OnSite, room: Room, role: str | None) -> Standing:
    """Return how high someone with that role stands in the room, where others act on him or her.

    Moderators of the site stand above the owners of public rooms, whichever rights they have. In private rooms they
    are what they are there.
    """
    if room.kind == RoomKind.PUBLIC and user.is_superuser:
        return Standing.ADMINISTRATOR
    return Standing.STAFF if room.kind == RoomKind.PUBLIC and user.is_staff else _STANDINGS[role]


def standing_to(ability: str, user: User, room: Room, role: str | None) -> Standing | None:
    """Return how high someone stands who uses one of ABILITIES in the room; None for one who does not have it.

    A right makes a moderator of the site stand as that; an ability of his or her role there, no higher than the role.
    """
    if _by_site(ability, user, room):
        return Standing.ADMINISTRATOR if user.is_superuser else Standing.STAFF
    return _STANDINGS[role] if _by_role(ability, room, role) else None


def abilities(user: User, room: Room, role: str | None) -> list[str]:
    """Return which of ABILITIES someone with that role has in the room."""
    return [ability for ability in ABILITIES if can(user, room, role, ability)]


def can(user: User, room: Room, role: str | None, ability: str) -> bool:
    """Tell whether someone with that role in the room has one of ABILITIES."""
    if ability == "moderate":
        return all(can(user, room, role, part) for part in MODERATING)
    # The role first: it costs no query.
    return _by_role(ability, room, role) or _by_site(ability, user, room)


def standings_to_members(user: User, room: Room, role: str | None) -> dict[str, Standing]:
    """Return how high someone stands who uses each of ABOUT_MEMBERS in the room; those that he or she has."""
    ranks = {ability: standing_to(ability, user, room, role) for ability in ABOUT_MEMBERS}
    return {ability: rank for ability, rank in ranks.items() if rank is not None}


def abilities_about(member: OnSite, room: Room, role: str | None, ranks: Mapping[str, Standing]) -> list[str]:
    """Return which of `standings_to_members` may be used on someone with that role in the room."""
    rank = standing(member, room, role)
    # An owner is no less until the room is somebody else's.
    left_out = _OWNERS if role == Role.OWNER else frozenset()
    return [ability for ability, mine in ranks.items() if mine > rank and ability not in left_out]


def holds_right(user: User, ability: str) -> bool:
    """Tell whether a moderator of the site has the right that goes with one of ABILITIES (settings RIGHTS_IN_ROOMS)."""
    right = settings.RIGHTS_IN_ROOMS.get(ability)
    return user.is_staff and right is not None and user.has_perm(right)


def _by_site(ability: str, user: User, room: Room) -> bool:
    if room.kind != RoomKind.PUBLIC or (ability == "invite" and room.is_archived):
        return False
    return user.is_superuser or holds_right(user, ability)


def _by_role(ability: str, room: Room, role: str | None) -> bool:
    rank = _STANDINGS[role]
    if room.is_direct or rank == Standing.OUTSIDER or ability == "default":
        return False
    if ability == "invite":
        is_for_members = room.kind == RoomKind.PUBLIC or room.is_group
        return not room.is_archived and (rank >= Standing.MODERATOR or is_for_members)
    if ability == "edit" and room.is_group:
        return True
    return rank >= (Standing.OWNER if ability in _OWNERS else Standing.MODERATOR)

"""What someone wants posted, made ready before the transaction: nothing else waits for Markdown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.nicknames import EVERYONE
from chat.errors import ChatError, Invalid
from chat.markup import Rendered, mention_candidates, render, room_candidates
from chat.models import Membership, Role, Room, RoomKind
from chat.models.room import LOBBY
from chat.standing import holds_right
from chat.texts import clean_body

MAX_ATTACHMENTS = 10
MAX_KEYS = 1000
"""Names looked up with one statement."""


@dataclass(slots=True)
class Draft:
    """A message that someone wants posted, in `room` or in the private chat with `to`: one of them is given."""

    author_id: int
    ref: UUID
    body: str
    room: int | None = None
    to: int | None = None
    reply_to: int | None = None
    attachments: list[int] = field(default_factory=list)
    is_action: bool = False
    """It says what its author does (MESSAGE, `action`)."""
    rendered: Rendered | None = None
    is_approved: bool = False
    """A moderator has let it through: filters do not look at it."""
    on_stored: Callable[[int], None] | None = None
    """Called with the message's id once it is committed."""

    @property
    def key(self) -> tuple[int, UUID]:
        """What is the same for a message and its repeats."""
        return self.author_id, self.ref


def clean_draft(draft: Draft) -> ChatError | None:
    """Clean the text of a draft, or return why it cannot be posted by anyone anywhere."""
    draft.attachments = list(dict.fromkeys(draft.attachments))
    if len(draft.attachments) > MAX_ATTACHMENTS:
        return Invalid(_("A message takes at most 10 files."), "attachments")
    try:
        draft.body = clean_body(draft.body, may_be_empty=bool(draft.attachments) and not draft.is_action)
    except ChatError as error:
        return error
    return None


def prepare_draft(draft: Draft) -> None:
    """Clean and render one draft ahead of the rest, so that no other waits for that. It is refused later, if at all."""
    if clean_draft(draft) is None:
        render_drafts([draft])


def render_drafts(drafts: Iterable[Draft]) -> None:
    """Set how each draft that is not rendered yet is shown, and whom it mentions."""
    drafts = [draft for draft in drafts if draft.rendered is None]
    people, rooms = _people_named(drafts), rooms_named([draft.body for draft in drafts])
    for draft in drafts:
        members = _members_of(draft, people)
        draft.rendered = render(draft.body, members, rooms, may_mention_all=_may_mention_all(draft))


def rooms_named(bodies: Iterable[str]) -> dict[str, int]:
    """Return ids by name of the public rooms that texts may name behind a #; of two of one name the older.

    A private room is never looked up: what goes to everyone must not tell that there is one.
    """
    names = sorted({name for body in bodies for name in room_candidates(body)})
    rooms: dict[str, int] = {}
    for start in range(0, len(names), MAX_KEYS):
        found = Room.objects.filter(name__in=names[start : start + MAX_KEYS], kind=RoomKind.PUBLIC).order_by("-pk")
        rooms |= dict(found.values_list("name", "pk"))
    if lobby_names := _lobby_names().intersection(names):
        lobby = Room.objects.filter(name=LOBBY, is_default=True).values_list("pk", flat=True).first()
        rooms |= dict.fromkeys(lobby_names, lobby) if lobby else {}
    return rooms


@cache
def _lobby_names() -> frozenset[str]:
    """Return what the Lobby is called in the languages of the site."""
    names = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            names.add(gettext(LOBBY))
    return frozenset(names)


def _people_named(drafts: Iterable[Draft]) -> dict[str, int]:
    keys = {key for draft in drafts if "@" in draft.body for key in mention_candidates(draft.body)}
    people: dict[str, int] = {}
    ordered = sorted(keys)
    for start in range(0, len(ordered), MAX_KEYS):
        users = User.objects.filter(nickname_key__in=ordered[start : start + MAX_KEYS], is_former=False)
        people |= {key: pk for key, pk in users.values_list("nickname_key", "pk") if key}
    return people


def _members_of(draft: Draft, people: dict[str, int]) -> dict[str, int]:
    """Return who of `people` is where the draft goes."""
    if not people or "@" not in draft.body:
        return {}
    if draft.to or draft.room is None:
        members = {draft.to, draft.author_id}
    else:
        found = Membership.objects.filter(room_id=draft.room, user_id__in=people.values())
        members = set(found.values_list("user_id", flat=True))
    return {key: pk for key, pk in people.items() if pk in members}


def _may_mention_all(draft: Draft) -> bool:
    if "@" not in draft.body or draft.room is None:
        return False
    own = Membership.objects.filter(room_id=draft.room, user_id=draft.author_id).exclude(room__kind=RoomKind.DIRECT)
    found = own.values_list("role", "room__kind", "user__is_staff").first()
    if found is None:
        return False
    role, kind, is_staff = found
    if role != Role.MEMBER:
        return True
    # A right is looked up only where everyone is named.
    if kind != RoomKind.PUBLIC or not is_staff or EVERYONE.isdisjoint(mention_candidates(draft.body)):
        return False
    return holds_right(User.objects.get(pk=draft.author_id), "speak")

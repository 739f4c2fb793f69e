"""What people are about to say is looked at by the filters that are on (settings SCREEN_DRAFTS, _EDIT, _NAME)."""

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat.actions.drafts import Draft
from chat.errors import ChatError
from chat.models import Attachment, Membership, Message, Role, Room, RoomKind
from chat.permissions import check_can_write, get_membership_for
from database.transactions import write_transaction
from moderation.actions.reports import flag_message
from moderation.matching import REPEATS_WITHIN, Matcher, as_repeated, check_terms, matcher_of, repeats_allowed
from moderation.models import Filter, FilterKind, HeldMessage, Response

logger = logging.getLogger(__name__)

FRESH_SECONDS = 0.5
"""How old what is known of the filters may be: a filter is felt within a second."""


class Refused(ChatError):
    """A filter does not let a message through."""

    def __init__(self, rule: Filter) -> None:
        super().__init__("forbidden", rule.explanation or _("This message was refused by a rule of this site."), 403)


class Held(ChatError):
    """A filter holds a message until a moderator decides."""

    def __init__(self, rule: Filter) -> None:
        sentence = _("A moderator will look at this message before others see it.")
        super().__init__("held", f"{sentence} {rule.explanation}".rstrip(), 403)


class NameRefused(ChatError):
    """A filter does not let somebody or something be called that. `fields` names the part."""

    def __init__(self, rule: Filter, field: str) -> None:
        sentence = rule.explanation or _("This was refused by a rule of this site. Please choose something else.")
        super().__init__("invalid", sentence, 400, fields={field: [sentence]})


@dataclass(frozen=True)
class Rule:
    """A filter that is on, made ready."""

    filter: Filter
    finds: Matcher


def _ready(rule: Filter) -> Rule | None:
    """Return a filter made ready; None for one that cannot be: it must not keep everybody from talking."""
    try:
        check_terms(rule.kind, rule.terms)
        return Rule(rule, matcher_of(rule))
    except Exception:
        logger.exception("The filter %s makes no sense and is passed over", rule.pk)
        return None


class _Rules:
    """The filters that are on, as of half a second ago. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read_at = -FRESH_SECONDS
        self._version: list[tuple[int, datetime]] = []
        self._rules: list[Rule] = []

    def get(self) -> list[Rule]:
        """Return the rules."""
        with self._lock:
            if time.monotonic() - self._read_at >= FRESH_SECONDS:
                filters = Filter.objects.filter(is_on=True).order_by("pk")
                version = list(filters.values_list("pk", "changed_at"))
                if version != self._version:
                    self._rules = [made for rule in filters if (made := _ready(rule))]
                    self._version = version
                self._read_at = time.monotonic()
            return self._rules

    def forget(self) -> None:
        """Read them anew at the next call."""
        with self._lock:
            self._read_at = -FRESH_SECONDS


rules = _Rules()
_OF_NAMES = (FilterKind.WORDS, FilterKind.LINKS, FilterKind.PATTERN)


def screen_drafts(drafts: Sequence[Draft]) -> dict[int, ChatError]:
    """Return by index why drafts are not let through. What is only flagged is reported once it is stored.

    Outside the transaction that stores them.
    """
    present = rules.get()
    if not present:
        return {}
    authors = User.objects.in_bulk({draft.author_id for draft in drafts})
    refusals: dict[int, ChatError] = {}
    for index, draft in enumerate(drafts):
        author = authors.get(draft.author_id)
        if author is None or draft.is_approved or author.is_staff:
            continue
        if refusal := _screen(author, draft, present, drafts[:index]):
            refusals[index] = refusal
    return refusals


def screen_edit(author: User, message: Message, body: str) -> None:
    """Raise Refused if a filter would not let a message say that from now on; what would be held is refused too.

    What is only flagged is reported once it is stored. Within the transaction that stores it.
    """
    if author.is_staff:
        return
    draft = Draft(author.pk, ref=message.ref, body=body, room=message.room_id)
    flags = []
    for rule in rules.get():
        if not (_applies(rule.filter, author, draft.room) and rule.finds(body) and _is_repeated(rule.filter, draft)):
            continue
        if _is_exempt(draft):
            return
        if rule.filter.response != Response.FLAG:
            raise Refused(rule.filter)
        flags.append(rule.filter)
    if flags and not message.room.is_direct:
        transaction.on_commit(partial(_flag, message.pk, _names(flags)))


def screen_name(author: User, text: str, field: str, room_id: int | None = None) -> None:
    """Raise NameRefused if a filter for words, links or patterns would not let `author` say that by itself.

    Of nicknames, and of names and topics of rooms, which everybody sees: what would be held is refused, what is only
    flagged is not looked at, and who moderates a room is no exception. `author` may not be stored yet.
    """
    if author.is_staff or author.is_bot:
        return
    for rule in rules.get():
        if rule.filter.kind not in _OF_NAMES or rule.filter.response == Response.FLAG:
            continue
        if _applies(rule.filter, author, room_id) and rule.finds(text):
            raise NameRefused(rule.filter, field)


def _screen(author: User, draft: Draft, present: Iterable[Rule], earlier: Sequence[Draft]) -> ChatError | None:
    flags = []
    files = list(Attachment.objects.filter(pk__in=draft.attachments, uploader=author)) if draft.attachments else []
    text = "\n".join([draft.body, *(file.name for file in files)])
    for rule in present:
        if not (_applies(rule.filter, author, draft.room) and rule.finds(text)):
            continue
        if not _is_repeated(rule.filter, draft, files, earlier):
            continue
        if _is_known(draft):
            return None
        if _is_exempt(draft):
            return None
        if rule.filter.response == Response.FLAG:
            flags.append(rule.filter)
        elif rule.filter.response == Response.HOLD and draft.room and not _is_private_chat(draft.room):
            return _hold(draft, draft.room, rule.filter)
        else:
            # Nobody but its two people reads a private chat: there nothing is held, or shown to moderators.
            return Refused(rule.filter)
    if flags and draft.room and not _is_private_chat(draft.room):
        draft.on_stored = partial(_flag, names=_names(flags))
    return None


def _applies(rule: Filter, author: User, room_id: int | None) -> bool:
    if rule.room_id is not None and rule.room_id != room_id:
        return False
    if rule.only_guests and not author.is_guest:
        return False
    age = (timezone.now() - author.created_at).total_seconds() / 3600
    return not rule.newer_than or age < rule.newer_than


def _is_repeated(rule: Filter, draft: Draft, files: Sequence[Attachment] = (), earlier: Sequence[Draft] = ()) -> bool:
    """Tell whether the same was said often enough lately: the same words, or without words the same files.

    Always true of a filter that looks at something else.
    """
    if rule.kind != FilterKind.REPEATS:
        return True
    since = timezone.now() - REPEATS_WITHIN
    said = Message.objects.filter(author=draft.author_id, created_at__gte=since).exclude(ref=draft.ref).order_by("-pk")
    text = as_repeated(draft.body)
    if not text:
        same = said.filter(body="", attachments__digest__in=[file.digest for file in files])
        return same.distinct().count() >= repeats_allowed(rule)
    bodies = list(said.values_list("body", flat=True)[:200])
    # What comes over several sockets at once is stored together.
    bodies += [other.body for other in earlier if other.author_id == draft.author_id and other.ref != draft.ref]
    return sum(as_repeated(body) == text for body in bodies) >= repeats_allowed(rule)


def _is_known(draft: Draft) -> bool:
    return Message.objects.filter(author=draft.author_id, ref=draft.ref).exists()


def _is_exempt(draft: Draft) -> bool:
    own = Membership.objects.filter(room=draft.room, user=draft.author_id, role__in=[Role.OWNER, Role.MODERATOR])
    return draft.room is not None and own.exists()


def _is_private_chat(room_id: int) -> bool:
    return Room.objects.filter(pk=room_id, kind=RoomKind.DIRECT).exists()


def _hold(draft: Draft, room_id: int, rule: Filter) -> ChatError | None:
    try:
        check_can_write(get_membership_for(draft.author_id, room_id))
    except ChatError:
        # The reason that comes with the refusal is the better one.
        return None
    values = {
        "room_id": room_id,
        "body": draft.body,
        "reply_to": draft.reply_to,
        "is_action": draft.is_action,
        "filter": rule,
    }
    with write_transaction():
        held, is_new = HeldMessage.objects.get_or_create(
            author_id=draft.author_id, ref=draft.ref, defaults=values | {"attachments": draft.attachments}
        )
        if is_new and not _keep_files(draft):
            held.delete()
            # It would be refused for its files.
            return None
    if is_new or held.is_approved is None:
        return Held(rule)
    return None if held.is_approved else Refused(rule)


def _keep_files(draft: Draft) -> bool:
    """Keep the files of a draft for it; return False if its author may not attach one of them. Within a transaction."""
    if not draft.attachments:
        return True
    own = Attachment.objects.select_for_update().filter(uploader=draft.author_id, message=None, is_held=False)
    ids = list(own.filter(pk__in=draft.attachments).values_list("pk", flat=True))
    if len(ids) < len(draft.attachments):
        return False
    Attachment.objects.filter(pk__in=ids).update(is_held=True)
    return True


def _names(rules: Iterable[Filter]) -> str:
    return ", ".join(rule.name for rule in rules)


def _flag(message_id: int, names: str) -> None:
    try:
        flag_message(Message.objects.select_related("author").get(pk=message_id), names)
    except Exception:
        logger.exception("A flagged message could not be reported")

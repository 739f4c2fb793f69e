"""What filters held back is let through or refused."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions import user_group
from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.actions.drafts import Draft
from chat.actions.posting import post_messages
from chat.errors import ChatError, Invalid, NotFound
from chat.models import Attachment
from database.transactions import write_transaction
from live.publisher import envelope, publish
from moderation.models import Act, HeldMessage
from moderation.standing import check_right

MAX_WHY = 300
"""Characters of a refusal's reason that its author is told."""


def approve_held(actor: User, held_id: int) -> HeldMessage:
    """Let a held message through: it is posted now, under its own ref.

    Raises Forbidden, NotFound, Invalid if it was decided already, and whatever its author would be refused with now.
    """
    return _decide(actor, held_id, approve=True)


def refuse_held(actor: User, held_id: int, reason: str = "") -> HeldMessage:
    """Refuse a held message, and tell its author. Raises Forbidden, NotFound or Invalid."""
    return _decide(actor, held_id, approve=False, reason=reason)


def refusal_of(held: HeldMessage) -> str:
    """Return what the author of a refused message is told, in the language that is active."""
    return held.why or _("A moderator did not let this message through.")


def held_frames(author: User, refs: Collection[UUID]) -> list[dict[str, Any]]:
    """Return what became of an author's own messages that were held back; refs of none are left out."""
    found = HeldMessage.objects.filter(author=author, ref__in=refs).order_by("pk")
    return [_held_frame(held) for held in found]


def _held_frame(held: HeldMessage) -> dict[str, Any]:
    status = "waiting" if held.decided_at is None else "posted" if held.is_approved else "refused"
    detail = refusal_of(held) if status == "refused" else ""
    return {"ref": str(held.ref), "room": held.room_id, "status": status, "detail": detail}


def set_aside_held(people: Sequence[User], act: Act) -> list[int]:
    """Refuse by an act, silently, what of these people still waits; return the ids. Within its transaction."""
    waiting = HeldMessage.objects.filter(author__in=people, decided_at=None)
    ids = list(waiting.values_list("pk", flat=True))
    waiting.update(decided_at=act.at, decided_by=act.by, is_approved=False)
    return ids


def bring_back_held(ids: Collection[int], act: Act) -> None:
    """Have what an act set aside wait again. Within its transaction."""
    HeldMessage.objects.filter(pk__in=ids, decided_at=act.at).update(decided_at=None, decided_by=None, is_approved=None)


def _decide(actor: User, held_id: int, *, approve: bool, reason: str = "") -> HeldMessage:
    check_right(actor, "change_heldmessage")
    with write_transaction():
        held = HeldMessage.objects.select_for_update(of=("self",)).filter(pk=held_id).first()
        if held is None:
            raise NotFound
        if held.decided_at:
            raise Invalid(_("This has been decided already."))
        held.decided_at, held.decided_by, held.is_approved = timezone.now(), actor, approve
        held.why = "" if approve else reason[:MAX_WHY]
        held.save()
        if approve:
            _post(held)
        else:
            # Nobody has them any more: they go as other uploads do that no message took.
            Attachment.objects.filter(pk__in=held.attachments, message=None).update(is_held=False)
            with translation.override(held.author.language or translation.get_language()):
                detail = refusal_of(held)
            event = {"type": "message.refused", "room": held.room_id, "ref": str(held.ref), "detail": detail}
            transaction.on_commit(partial(publish, envelope(user_group(held.author_id), [event])))
        record(actor, Verb.HELD, held, reason, label=str(held), approved=approve)
    return held


def _post(held: HeldMessage) -> None:
    draft = Draft(
        held.author_id,
        held.ref,
        held.body,
        room=held.room_id,
        reply_to=held.reply_to,
        attachments=list(held.attachments),
        is_action=held.is_action,
        is_approved=True,
    )
    (result,) = post_messages([draft])
    if isinstance(result, ChatError):
        raise result

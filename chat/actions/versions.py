"""What messages said before they were edited: kept within the edit's transaction, shown to moderators."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat.errors import Forbidden, NotFound
from chat.models import Message, MessageVersion
from chat.permissions import get_message_for, role_of
from chat.standing import can

MAX_VERSIONS = 50
"""Earlier texts kept of one message: the first, and the latest of the others."""


def keep_version(message: Message, replaced_at: datetime) -> None:
    """Store the text that `message` has now, which is about to be replaced; within the edit's transaction.

    Of private chats nothing is kept: nobody may look at it there.
    """
    if message.room.is_direct:
        return
    written_at = message.edited_at or message.created_at
    MessageVersion.objects.create(
        message=message, body=message.body, written_at=written_at, replaced_at=replaced_at
    )  # fmt: skip
    ids = list(MessageVersion.objects.filter(message=message).order_by("pk").values_list("pk", flat=True))
    # The first stays, or fifty more edits would wash away what was said at first.
    excess = ids[1 : 1 + max(0, len(ids) - MAX_VERSIONS)]
    if excess:
        MessageVersion.objects.filter(pk__in=excess).delete()


def versions_for(user: User, message_id: int) -> list[MessageVersion]:
    """Return the earlier texts of a message, the newest first, for one with the ability `versions` in its room.

    Raises NotFound for a message that `user` may not see or that is deleted, Forbidden for who does not have it.
    """
    message = get_message_for(user.pk, message_id)
    if not can(user, message.room, role_of(user.pk, message.room_id), "versions"):
        raise Forbidden(_("Only moderators see what a message said before."))
    if message.deleted_at:
        raise NotFound
    return list(message.versions.order_by("-pk"))


def forget_versions(message_ids: Collection[int]) -> None:
    """Remove the earlier texts of messages that are purged."""
    MessageVersion.objects.filter(message__in=message_ids).delete()


def forget_versions_of(user: User) -> None:
    """Remove the earlier texts of all that a former account wrote: what stands stays, what was taken back goes."""
    MessageVersion.objects.filter(message__author=user).delete()

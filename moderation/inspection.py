"""Moderators look at the desk at what people sent: the files of messages that they can read there (settings)."""

from django.utils.crypto import constant_time_compare

from accounts.models import User
from chat.errors import NotFound
from chat.models import Attachment, Message
from moderation.actions.looks import note_looks
from moderation.models import Case
from moderation.standing import visible_cases


def get_attachment_at_desk(user: User, attachment_id: int, token: str) -> Attachment:
    """Return an attachment that a moderator may look at, named by id and token. Raises NotFound.

    Of a private room that is written down.
    """
    attachment = Attachment.objects.select_related("message__room").filter(pk=attachment_id).first()
    if attachment is None or not user.is_staff or not constant_time_compare(attachment.token, token):
        raise NotFound
    if not _may_look_at(user, attachment):
        raise NotFound
    if attachment.message is not None:
        note_looks(user, [attachment.message])
    return attachment


def _may_look_at(user: User, attachment: Attachment) -> bool:
    if attachment.message is None:
        return attachment.is_held and user.has_perm("moderation.view_heldmessage")
    return may_look_at(user, attachment.message)


def may_look_at(user: User, message: Message) -> bool:
    """Tell whether a moderator may look at the files of a message."""
    if not message.room.is_direct and user.has_perm("chat.view_message"):
        return True
    return user.has_perm("moderation.view_case") and _is_reported(user, message)


def _is_reported(user: User, message: Message) -> bool:
    """Tell whether somebody reported the message, and the moderator may know of it."""
    return visible_cases(Case.objects.filter(message=message), user).exists()

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models.message import Message
from chat.models.room import Room


class AttachmentKind(models.TextChoices):
    IMAGE = "image", _("picture")
    AUDIO = "audio", _("sound")
    VIDEO = "video", _("video")
    FILE = "file", _("file")


def new_token() -> str:
    """Return 128 random bits as URL-safe text: where a file is stored, and a part of its address."""
    return secrets.token_urlsafe(16)


class Attachment(models.Model):
    """A file that somebody uploaded. It is its uploader's alone until a message names it."""

    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="uploads", editable=False, db_index=False
    )
    # Made by the client, so that an upload whose answer was lost can be repeated.
    ref = models.UUIDField(null=True, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="attachments", editable=False)
    # Copied from the message, which never changes them, so that a room's files are one index range.
    room = models.ForeignKey(Room, models.CASCADE, null=True, related_name="+", editable=False, db_index=False)
    seq = models.PositiveBigIntegerField(null=True, editable=False)
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    # Named by a message that waits for a moderator: kept, and for no other message.
    is_held = models.BooleanField(default=False, editable=False)

    token = models.CharField(max_length=22, unique=True, default=new_token, editable=False)
    folder = models.CharField(max_length=10, editable=False)
    name = models.CharField(_("name"), max_length=255, editable=False)
    kind = models.CharField(_("kind"), max_length=5, choices=AttachmentKind.choices, editable=False)
    type = models.CharField(max_length=100, editable=False)
    size = models.PositiveBigIntegerField(_("size"), editable=False)
    # SHA-256 of what is stored, in hex.
    digest = models.CharField(max_length=64, editable=False)
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    is_animated = models.BooleanField(default=False, editable=False)
    # Of the small picture that is kept beside it; 0 where there is none.
    thumb_size = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["uploader", "ref"], name="one_upload_a_ref")]
        indexes = [
            models.Index(fields=["room", "seq"], name="files_of_a_room"),
            models.Index(fields=["created_at"], condition=models.Q(message__isnull=True), name="unattached"),
        ]

    def __str__(self) -> str:
        return self.name

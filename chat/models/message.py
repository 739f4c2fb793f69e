from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models.room import Room


class MessageKind(models.TextChoices):
    TEXT = "text", _("text")
    SYSTEM = "system", _("system")
    # What its author does: “waves”, to be read after the name.
    ACTION = "action", _("action")


class Message(models.Model):
    """Something said in a room, once and for ever under its `seq`; `change` is the number of its last change."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveBigIntegerField(editable=False)
    change = models.PositiveBigIntegerField(editable=False)
    kind = models.CharField(max_length=6, choices=MessageKind.choices, default=MessageKind.TEXT, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="messages", editable=False, db_index=False
    )
    ref = models.UUIDField(editable=False)
    body = models.TextField(_("text"))
    # What the body is shown as; "" where it needs no markup.
    html = models.TextField(blank=True, editable=False)
    reply_to = models.ForeignKey("self", models.SET_NULL, null=True, related_name="replies", editable=False)
    mentions_all = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("written at"), default=timezone.now, editable=False)
    edited_at = models.DateTimeField(_("edited at"), null=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, db_index=False
    )
    # Deleted so long ago that the text was removed for good; the row stays, so that no number is missing.
    is_purged = models.BooleanField(db_default=False, default=False, editable=False)
    pinned_at = models.DateTimeField(_("pinned at"), null=True, editable=False)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="one_message_a_number"),
            models.UniqueConstraint(fields=["room", "change"], name="one_message_a_change"),
            models.UniqueConstraint(fields=["author", "ref"], name="one_message_a_ref"),
        ]
        indexes = [
            models.Index(fields=["room"], condition=Q(pinned_at__isnull=False), name="pinned_messages"),
            # Of what is unread in a room one counts what was taken down.
            models.Index(fields=["room", "seq"], condition=Q(deleted_at__isnull=False), name="deleted_messages"),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}/{self.seq}"

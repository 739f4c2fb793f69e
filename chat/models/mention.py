from django.conf import settings
from django.db import models
from django.db.models import Q

from chat.models.message import Message
from chat.models.room import Room


class Mention(models.Model):
    """A message names someone. Where it names everyone (`Message.mentions_all`) there is one row without a user."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, db_index=False)
    # Copied from the message, which never changes them, so that unread mentions are one index range.
    room = models.ForeignKey(Room, models.CASCADE, db_index=False)
    seq = models.PositiveBigIntegerField()
    is_deleted = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="one_mention")]
        indexes = [models.Index(fields=["room", "user", "seq"], condition=Q(is_deleted=False), name="live_mentions")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.message_id}"

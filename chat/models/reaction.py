from django.conf import settings
from django.db import models
from django.utils import timezone

from chat.models.message import Message

MAX_KINDS = 20


class Reaction(models.Model):
    """Someone put an emoji under a message."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="reactions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    emoji = models.CharField(max_length=40)
    # Unknown of early ones.
    created_at = models.DateTimeField(null=True, default=timezone.now, editable=False)
    # Taken away with others of who put it there; shown again when that is taken back.
    is_hidden = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "emoji", "user"], name="one_reaction")]

    def __str__(self) -> str:
        return f"{self.emoji} {self.user_id}"

from django.db import models

from chat.models.message import Message


class MessageVersion(models.Model):
    """What a message said before it was edited: kept for the moderators of its room. None of private chats."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="versions", editable=False)
    body = models.TextField(editable=False)
    # When this text was written, and when another took its place.
    written_at = models.DateTimeField(editable=False)
    replaced_at = models.DateTimeField(editable=False)

    def __str__(self) -> str:
        return f"{self.message_id} until {self.replaced_at}"

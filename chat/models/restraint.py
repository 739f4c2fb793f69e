from django.conf import settings
from django.db import models

from chat.models.room import Room


class Restraint(models.Model):
    """What held someone back in a room that he or she has left: coming back is no way around it."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="restraints", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="restraints")
    muted_until = models.DateTimeField(null=True)
    wrote_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="one_restraint")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"

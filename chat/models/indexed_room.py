from django.db import models

from chat.models.room import Room


class IndexedRoom(models.Model):
    """How far a room's messages can be found: all changes up to `change` are in the search index."""

    room = models.OneToOneField(Room, models.CASCADE, primary_key=True, related_name="indexed")
    change = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.room_id}: {self.change}"

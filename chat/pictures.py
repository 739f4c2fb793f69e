"""Which stored pictures are a room's."""

from chat.models import Room


def in_use(tokens: set[str]) -> set[str]:
    """Return which of these pictures, by token, rooms have."""
    return set(Room.objects.filter(picture__in=tokens).values_list("picture", flat=True))

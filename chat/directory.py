"""The directory: public rooms to find and join, page by page."""

from django.db.models import Q

from accounts.models import User
from chat.frames import Frame
from chat.models import Room, RoomKind
from chat.room_frames import room_frame_of, room_frames

MAX_PAGE = 100


def page_of_rooms(user: User, *, query: str = "", offset: int = 0, limit: int = 50) -> Frame:
    """Return `{rooms: [ROOM], next}`: public rooms that are not archived, the largest first.

    `query` is looked for in names and topics; `next` is the offset of the next page, or None.
    """
    rooms = Room.objects.filter(kind=RoomKind.PUBLIC, is_archived=False)
    for word in query.split():
        rooms = rooms.filter(Q(name__icontains=word) | Q(topic__icontains=word))
    found = list(rooms.order_by("-member_count", "-active_at", "-pk")[offset : offset + limit + 1])
    own = {frame["id"]: frame for frame in room_frames(user, [room.pk for room in found[:limit]])}
    frames = [own.get(room.pk) or room_frame_of(user, room) for room in found[:limit]]
    return {"rooms": frames, "next": offset + limit if len(found) > limit else None}

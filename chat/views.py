"""The pages."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from accounts.frames import user_frame
from accounts.models import User
from accounts.sessions import EXTEND_AFTER
from chat.errors import NotFound
from chat.frames import Frame, room_frame_for, room_frames
from chat.history import current_epoch, page_of_messages
from chat.members import page_of_members
from chat.models import Room
from chat.permissions import get_room_for, visible_rooms

PAGE = 50


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the Lobby, or to the sign-in card."""
    if not isinstance(request.user, User):
        return redirect("enter")
    room = visible_rooms(request.user.pk).order_by("-is_default", "pk").first()
    if room is None:
        raise Http404
    return redirect("room", room_id=room.pk)


@never_cache
@login_required
def room_page(request: HttpRequest, room_id: int, seq: int | None = None) -> HttpResponse:
    """Show a room, painted with its newest messages, or with those around the number `seq`."""
    assert isinstance(request.user, User)
    try:
        room = get_room_for(request.user.pk, room_id)
        page = page_of_messages(request.user.pk, room_id, around=seq, limit=PAGE)
    except NotFound:
        raise Http404 from None
    _extend_session(request)
    return render(request, "chat/room.html", _context(request.user, room, page, seq))


def _context(user: User, room: Room, page: Frame, seq: int | None) -> dict[str, Any]:
    rooms = room_frames(user)
    frame = next((known for known in rooms if known["id"] == room.pk), None) or room_frame_for(user, room)
    members = page_of_members(room)
    state = {
        "user": user_frame(user),
        "epoch": current_epoch(),
        "rooms": rooms,
        "room": room.pk,
        "at": seq,
        "messages": page["messages"],
        "head": page["head"],
        "members": members["members"],
        "language": get_language(),
        "is_staff": user.is_staff,
        "urls": {"icons": static("icons.svg"), "logo": static("logo.svg")},
    }
    shown = {"me": state["user"], "room": frame, **{name: state[name] for name in ("rooms", "messages", "members")}}
    return shown | {"state": state}


def _extend_session(request: HttpRequest) -> None:
    """Once a day give session and cookie their full age again."""
    now = timezone.now().timestamp()
    if now - request.session.get("extended_at", 0) > EXTEND_AFTER.total_seconds():
        request.session["extended_at"] = now

"""The pages."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.avatars import avatar_url, drawn_avatars
from accounts.frames import user_frame
from accounts.models import User
from accounts.sessions import EXTEND_AFTER
from accounts.views import ban_card, enter_context
from chat.actions.invitations import find_invitation, has_used, redeem_invitation
from chat.errors import ChatError, NotFound
from chat.frames import Frame
from chat.history import current_epoch, last_read, page_of_messages
from chat.invitations import invitation_preview, invitation_url, qr_code
from chat.members import page_of_members
from chat.models import Invitation, Room, RoomKind
from chat.permissions import blocked_by, get_room_for, is_member, visible_rooms
from chat.room_frames import room_frame_for, room_frames

PAGE = 50
CONTEXT = 10
"""Messages painted above the first unread, at least."""
FEWEST_FOLDED = 3
NEW = timedelta(minutes=10)
"""How long somebody is greeted as one who is here for the first time."""


def home(request: HttpRequest) -> HttpResponse:
    """Lead to the Lobby, or to the sign-in card."""
    if not isinstance(request.user, User):
        return redirect("enter")
    room = visible_rooms(request.user.pk).order_by("-is_default", "is_archived", "pk").first()
    if room is None:
        raise Http404
    return redirect(room_path(room))


def room_path(room: Room) -> str:
    """Return the path of a room's page, with its name to be read by people."""
    return path_of(room.pk, room.slug)


def path_of(room_id: int, slug: str) -> str:
    """Return the path of a room's page, given its id and slug."""
    return reverse("room", args=[f"{room_id}-{slug}" if slug else str(room_id)])


@never_cache
@login_required
def room_page(request: HttpRequest, room_id: int, seq: int | None = None) -> HttpResponse:
    """Show a room, painted with the messages around the number `seq`, else around the first unread or the newest."""
    assert isinstance(request.user, User)
    try:
        room = get_room_for(request.user.pk, room_id)
        read = last_read(request.user.pk, room)
        # What is unread and fits is painted with the newest, which are then there already.
        around = seq or (read + 1 if room.last_seq - read > PAGE - CONTEXT else None)
        page = page_of_messages(request.user.pk, room_id, around=around, limit=PAGE)
    except NotFound:
        raise Http404 from None
    _extend_session(request)
    return render(request, "chat/room.html", _context(request.user, room, page, at=seq, read=read))


@require_safe
def shell(request: HttpRequest, language: str) -> HttpResponse:
    """Show the page without anybody's content: what a service worker keeps for when there is no network."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    nobody = {"id": 0, "nickname": "", "avatar_url": static("logo.svg"), "is_guest": True, "former": False}
    with override(language):
        lists: dict[str, list[Frame]] = {name: [] for name in ("favourite", "shared", "direct", "archived")}
        room = {"name": "", "topic": "", "kind": "public", "abilities": [], "online": 0, "members": 0}
        context = {"me": nobody, "room": room, "lists": lists, "messages": [], "members": []}
        return render(request, "chat/room.html", context | {"state": _site_state() | {"shell": True}})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show who invites into what; on POST of someone signed in, join. Whoever was banned is told that instead."""
    if card := ban_card(request):
        return card
    try:
        invitation = find_invitation(code)
        if isinstance(request.user, User) and request.method != "POST" and has_used(request.user, invitation):
            return redirect("home")
        if isinstance(request.user, User) and (request.method == "POST" or _is_in(request.user, invitation)):
            room = redeem_invitation(request.user, code)
            return redirect(room_path(room) if room else "home")
    except ChatError as error:
        return _invitation_card(request, None, error)
    return _invitation_card(request, invitation)


@require_safe
def invitation_qr(request: HttpRequest, code: str) -> HttpResponse:
    """Answer with the link as a QR code."""
    try:
        invitation = find_invitation(code)
    except NotFound:
        raise Http404 from None
    headers = {"Cache-Control": "private, max-age=3600", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return HttpResponse(qr_code(invitation_url(request, invitation)), "image/svg+xml", headers=headers)


def _is_in(user: User, invitation: Invitation) -> bool:
    return invitation.room_id is not None and is_member(user.pk, invitation.room_id)


def _invitation_card(
    request: HttpRequest, invitation: Invitation | None, error: ChatError | None = None
) -> HttpResponse:
    preview = invitation_preview(invitation) if invitation else None
    is_good = preview is not None and preview["good"] and error is None
    context: dict[str, Any] = {"invited": preview, "is_good": is_good, "error": error and error.detail}
    if is_good and invitation and not isinstance(request.user, User):
        here = reverse("invitation", args=[invitation.code])
        context |= enter_context(here, invitation.code)
    return render(request, "chat/invitation.html", context, status=error.status if error else 200 if is_good else 404)


def _context(user: User, room: Room, page: Frame, *, at: int | None, read: int) -> dict[str, Any]:
    rooms = room_frames(user)
    frame = next((known for known in rooms if known["id"] == room.pk), None) or room_frame_for(user, room)
    members = page_of_members(user, room)
    state: dict[str, Any] = {
        "user": user_frame(user),
        "epoch": current_epoch(),
        "rooms": rooms,
        "room": room.pk,
        "at": at,
        "messages": page["messages"],
        "head": page["head"],
        "members": members["members"],
        "is_staff": user.is_staff,
        "is_admin": user.is_superuser,
        "blocked": blocked_by(user.pk),
        "room_order": user.room_order,
        "taken_away": import_string(settings.TAKEN_FROM)(user),
    } | _site_state()
    shown = {"me": state["user"], "room": frame, "lists": _lists(rooms, user.room_order)}
    shown |= {"messages": as_painted(state["messages"], at, read), "members": state["members"]}
    shown["is_new"] = at is None and timezone.now() - user.created_at < NEW
    return shown | {"state": state}


def as_painted(messages: list[Frame], at: int | None, read: int) -> list[Frame]:
    """Return MESSAGEs as they are painted: folded as `static/js/tombstones.js` does it, open where one looks first.

    Of deleted ones in a row each has `folded`, and the first has how many there are as `run`. The first after `read`
    has `new`; that at which the page opens, the one with the number `at` or else the first unread, has `opens`.
    """
    has_boundary = bool(messages) and messages[0]["seq"] <= read + 1
    new = next((one["seq"] for one in messages if one["seq"] > read), None) if has_boundary else None
    opening = at or new
    messages = [one | {"new": one["seq"] == new, "opens": one["seq"] == opening} for one in messages]
    painted: list[Frame] = []

    def kind(one: Frame) -> tuple[bool, bool]:
        return bool(one.get("deleted_at")) and one["kind"] != "system", new is not None and one["seq"] >= new

    for (is_run, _is_new), group in groupby(messages, kind):
        row = list(group)
        if is_run and len(row) >= FEWEST_FOLDED:
            row = [one | {"folded": True, "run": 0 if index else len(row)} for index, one in enumerate(row)]
        painted += row
    return painted


def _later_styles() -> dict[str, str]:
    """Return where the style sheets are that a page fetches when it needs them (`loadStyle` in `static/js/dom.js`)."""
    return {name: static(f"css/{name}.css") for name in ("tray", "viewer", "panels", "settings")}


def _site_state() -> dict[str, Any]:
    """Return the part of the page's state that is the same for everyone who speaks its language."""
    urls = {"icons": "icons.svg", "logo": "logo.svg", "favicon": "favicon.svg", "icon": "icons/icon-192.png"}
    return {
        "language": get_language(),
        "avatars": [{"name": name, "label": _(name), "url": avatar_url(name)} for name in drawn_avatars()],
        "urls": {name: static(path) for name, path in urls.items()} | {"styles": _later_styles()},
    }


def _lists(rooms: list[Frame], order: str) -> dict[str, list[Frame]]:
    """Return the rooms as they stand in the list: as `static/js/room_order.js` orders them."""
    rooms = sorted(rooms, key=lambda room: room["active_at"], reverse=True)
    if order == "hand":
        rooms.sort(key=lambda room: (room["position"] is None, room["position"] or 0))
    else:
        rooms.sort(key=lambda room: not room["default"])
    lists: dict[str, list[Frame]] = {"favourite": [], "shared": [], "direct": [], "archived": []}
    for room in rooms:
        personal = "direct" if room["kind"] == RoomKind.DIRECT or room["group"] else "shared"
        name = "archived" if room["archived"] else "favourite" if room["favourite"] else personal
        unread = room["unread"] - room.get("unread_deleted", 0)
        lists[name].append(room | {"path": path_of(room["id"], room["slug"]), "unread": unread})
    return lists


def _extend_session(request: HttpRequest) -> None:
    """Once a day give session and cookie their full age again."""
    now = timezone.now().timestamp()
    if now - request.session.get("extended_at", 0) > EXTEND_AFTER.total_seconds():
        request.session["extended_at"] = now

"""What people see of invitation links."""

from io import BytesIO
from typing import Any

import segno
from django.http import HttpRequest
from django.urls import reverse

from accounts.frames import user_frame
from accounts.pictures import picture_url
from chat.actions.invitations import is_good
from chat.models import Invitation
from chat.room_frames import shown_name


def invitation_frame(request: HttpRequest, invitation: Invitation) -> dict[str, Any]:
    """Return INVITATION, as its maker and moderators see it."""
    room = invitation.room
    return {
        "code": invitation.code,
        "url": invitation_url(request, invitation),
        "qr_url": reverse("invitation-qr", args=[invitation.code]),
        "room": {"id": room.pk, "name": shown_name(room)} if room else None,
        "by": user_frame(invitation.by),
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
        "max_uses": invitation.max_uses,
        "uses": invitation.uses,
        "revoked": invitation.revoked_at is not None,
        "good": is_good(invitation),
    }


def invitation_preview(invitation: Invitation) -> dict[str, Any]:
    """Return what somebody sees who was given the link. One that is not good says nothing of its room."""
    room, good = invitation.room, is_good(invitation)
    shown = None
    if room is not None and good:
        shown = {
            "id": room.pk,
            "name": shown_name(room),
            "kind": room.kind,
            "topic": room.topic,
            "members": room.member_count,
            "picture_url": picture_url(room.picture) if room.picture else None,
        }
    return {"room": shown, "by": user_frame(invitation.by), "good": good}


def invitation_url(request: HttpRequest, invitation: Invitation) -> str:
    """Return the link as it is given to people."""
    return request.build_absolute_uri(reverse("invitation", args=[invitation.code]))


def qr_code(text: str) -> bytes:
    """Return a QR code (ISO/IEC 18004) of `text` as an SVG picture, dark on light in any theme."""
    picture = BytesIO()
    segno.make(text, error="m").save(
        picture, kind="svg", scale=8, border=4, dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    return picture.getvalue()

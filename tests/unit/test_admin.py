"""What moderators see in the admin."""

from django.contrib import admin
from django.test import RequestFactory

from chat.actions.direct import open_direct_room
from chat.models import Message, Room
from moderation.admin.messages import MessageAdmin
from moderation.admin.rooms import RoomAdmin
from tests.unit.cast import Cast, draft_of, post


def test_private_chats_are_not_there(cast: Cast) -> None:
    chat = open_direct_room(cast.ann, cast.bob.pk)
    post(draft_of(cast.ann, chat, "between us"), draft_of(cast.ann, cast.square, "for all"))
    request = RequestFactory().get("/admin/")
    assert chat not in RoomAdmin(Room, admin.site).get_queryset(request)
    bodies = MessageAdmin(Message, admin.site).get_queryset(request).values_list("body", flat=True)
    assert list(bodies) == ["for all"]

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

from chat.api import messages, rooms
from chat.api.errors import nothing_here
from chat.api.schema import schema
from chat.api.sync import sync

_v1: list[URLPattern | URLResolver] = [
    path("", include("accounts.api.urls")),
    path("rooms/", rooms.RoomsView.as_view()),
    path("rooms/<number:room_id>/", rooms.RoomView.as_view()),
    path("rooms/<number:room_id>/join/", rooms.JoinView.as_view()),
    path("rooms/<number:room_id>/leave/", rooms.LeaveView.as_view()),
    path("rooms/<number:room_id>/messages/", rooms.RoomMessagesView.as_view()),
    path("rooms/<number:room_id>/members/", rooms.MembersView.as_view()),
    path("direct/", rooms.DirectView.as_view()),
    path("messages/", messages.MessagesView.as_view()),
    path("messages/<number:message_id>/", messages.MessageView.as_view()),
    path("commands/", messages.CommandsView.as_view()),
    path("sync/", sync),
    path("<path:unknown>", nothing_here),
]

urlpatterns = [
    path("v1/", include(_v1)),
    path("schema/", schema, name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]

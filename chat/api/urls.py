from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

from chat.api import emoji, invitations, members, messages, people, room_files, rooms, search, uploads
from chat.api.errors import nothing_here
from chat.api.schema import schema

_v1: list[URLPattern | URLResolver] = [
    path("", include("accounts.api.urls")),
    path("rooms/", rooms.RoomsView.as_view()),
    path("rooms/directory/", rooms.DirectoryView.as_view()),
    path("rooms/order/", rooms.OrderView.as_view()),
    path("rooms/<number:room_id>/", rooms.RoomView.as_view()),
    path("rooms/<number:room_id>/join/", rooms.JoinView.as_view()),
    path("rooms/<number:room_id>/leave/", rooms.LeaveView.as_view()),
    path("rooms/<number:room_id>/messages/", rooms.RoomMessagesView.as_view()),
    path("rooms/<number:room_id>/files/", room_files.RoomFilesView.as_view()),
    path("rooms/<number:room_id>/pins/", room_files.RoomPinsView.as_view()),
    path("rooms/<number:room_id>/picture/", rooms.RoomPictureView.as_view()),
    path("rooms/<number:room_id>/preferences/", rooms.PreferencesView.as_view()),
    path("rooms/<number:room_id>/members/", members.MembersView.as_view()),
    path("rooms/<number:room_id>/members/<number:user_id>/", members.MemberView.as_view()),
    path("invitations/", invitations.InvitationsView.as_view()),
    path("invitations/<str:code>/", invitations.InvitationView.as_view()),
    path("invitations/<str:code>/redeem/", invitations.RedeemView.as_view()),
    path("users/", people.UsersView.as_view()),
    path("users/<number:user_id>/", people.UserView.as_view()),
    path("blocks/", people.BlocksView.as_view()),
    path("blocks/<number:user_id>/", people.BlockView.as_view()),
    path("emoji/", emoji.EmojiView.as_view()),
    path("direct/", rooms.DirectView.as_view()),
    path("search/", search.SearchView.as_view()),
    path("messages/", messages.MessagesView.as_view()),
    path("messages/<number:message_id>/", messages.MessageView.as_view()),
    path("messages/<number:message_id>/versions/", messages.VersionsView.as_view()),
    path("uploads/", uploads.UploadsView.as_view()),
    path("uploads/limits/", uploads.UploadLimitsView.as_view()),
    path("uploads/<number:attachment_id>/", uploads.UploadView.as_view()),
    path("commands/", messages.CommandsView.as_view()),
    path("<anything:unknown>", nothing_here),
]

urlpatterns = [
    path("v1/", include(_v1)),
    path("schema/", schema, name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]

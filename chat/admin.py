"""The moderators' desk."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.models import Message, Room, RoomKind


class _ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False


@admin.register(Room)
class RoomAdmin(_ReadOnly):
    """The rooms."""

    list_display = ["__str__", "kind", "member_count", "last_seq", "created_at"]
    list_filter = ["kind", "is_default", "is_archived"]
    search_fields = ["name", "topic"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        """Leave out private chats: who talks with whom is nobody else's business."""
        rooms: QuerySet[Room] = super().get_queryset(request)
        return rooms.exclude(kind=RoomKind.DIRECT)


@admin.register(Message)
class MessageAdmin(_ReadOnly):
    """What was said in public and private rooms. Private chats are their two people's."""

    list_display = ["__str__", "room", "author", "body", "created_at", "deleted_at"]
    list_select_related = ["room", "author"]
    search_fields = ["body"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Leave out what was said in private chats."""
        messages: QuerySet[Message] = super().get_queryset(request)
        return messages.exclude(room__kind=RoomKind.DIRECT)

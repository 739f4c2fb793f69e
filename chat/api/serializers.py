"""The bodies and answers of the chat's calls."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import StrictSerializer, UserSerializer


class HeadSerializer(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    change = serializers.IntegerField()


class RoomSerializer(serializers.Serializer[Any]):
    """ROOM, as the caller sees it."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["public", "private", "direct"])
    name = serializers.CharField()
    topic = serializers.CharField()
    head = HeadSerializer()
    read_seq = serializers.IntegerField()
    version = serializers.IntegerField()
    unread = serializers.IntegerField()
    mentions = serializers.IntegerField()
    members = serializers.IntegerField()
    online = serializers.IntegerField()
    role = serializers.CharField(allow_null=True)
    writable = serializers.BooleanField()
    default = serializers.BooleanField()


RoomSerializer._declared_fields["with"] = UserSerializer(required=False)


class RoomsSerializer(serializers.Serializer[Any]):
    rooms = RoomSerializer(many=True)


class NewRoomSerializer(StrictSerializer):
    name = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=["public", "private"])
    topic = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class ReplySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    seq = serializers.IntegerField()
    author = UserSerializer()
    excerpt = serializers.CharField()


class ReactionSerializer(serializers.Serializer[Any]):
    emoji = serializers.CharField()
    count = serializers.IntegerField()
    by = serializers.ListField(child=serializers.IntegerField())


class MessageSerializer(serializers.Serializer[Any]):
    """MESSAGE; what is null, false or empty is left out."""

    id = serializers.IntegerField()
    room = serializers.IntegerField()
    seq = serializers.IntegerField()
    change = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["text", "system"])
    author = UserSerializer()
    ref = serializers.UUIDField()
    body = serializers.CharField(required=False)
    html = serializers.CharField(required=False)
    reply_to = ReplySerializer(required=False)
    reactions = ReactionSerializer(many=True, required=False)
    mentions = serializers.ListField(child=serializers.IntegerField(), required=False)
    mentions_all = serializers.BooleanField(required=False)
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(required=False)
    deleted_at = serializers.DateTimeField(required=False)
    pinned_at = serializers.DateTimeField(required=False)


class MessagesSerializer(serializers.Serializer[Any]):
    messages = MessageSerializer(many=True)
    head = HeadSerializer()


class PageSerializer(StrictSerializer):
    """The query of a page of messages."""

    before = serializers.IntegerField(required=False, min_value=0, max_value=2**53 - 1)
    after = serializers.IntegerField(required=False, min_value=0, max_value=2**53 - 1)
    around = serializers.IntegerField(required=False, min_value=0, max_value=2**53 - 1)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100, default=50)


class MembersQuerySerializer(StrictSerializer):
    """The query of a page of members."""

    q = serializers.CharField(required=False, max_length=32, default="", allow_blank=True)
    offset = serializers.IntegerField(required=False, min_value=0, max_value=10_000_000, default=0)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100, default=100)


class MemberSerializer(serializers.Serializer[Any]):
    user = UserSerializer()
    role = serializers.CharField()
    online = serializers.BooleanField()


class MembersSerializer(serializers.Serializer[Any]):
    members = MemberSerializer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="the offset of the next page")


class NewMessageSerializer(serializers.Serializer[Any]):
    ref = serializers.UUIDField()
    room = serializers.IntegerField(required=False)
    to = serializers.IntegerField(required=False, help_text="a user's id, instead of a room")
    body = serializers.CharField(max_length=4000)
    reply_to = serializers.IntegerField(required=False)
    attachments = serializers.ListField(child=serializers.IntegerField(), required=False)


class EditSerializer(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=4000)


class PostedSerializer(serializers.Serializer[Any]):
    """The `ack` of a message."""

    type = serializers.CharField()
    ref = serializers.CharField()
    id = serializers.IntegerField()
    room = serializers.IntegerField()
    seq = serializers.IntegerField()
    change = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    duplicate = serializers.BooleanField()


class ChangedSerializer(serializers.Serializer[Any]):
    """The `ack` of an act on a message."""

    type = serializers.CharField()
    id = serializers.IntegerField()
    room = serializers.IntegerField()
    change = serializers.IntegerField()


class DirectSerializer(StrictSerializer):
    user = serializers.IntegerField(min_value=1, max_value=2**53 - 1)


class CommandSerializer(serializers.Serializer[Any]):
    """Any one command of the socket: docs/protocol.md lists them with their fields."""

    type = serializers.CharField()
    ref = serializers.CharField(required=False)


class EventsSerializer(serializers.Serializer[Any]):
    events = serializers.ListField(child=serializers.DictField())

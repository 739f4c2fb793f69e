"""The bodies and answers of the chat's calls."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import QuerySerializer, StrictSerializer, UserSerializer
from chat.files import OTHER
from chat.frames import REMOVERS
from chat.models import AttachmentKind, Notify, Role
from chat.protocol import MAX_REASON
from chat.standing import ABILITIES, ABOUT_MEMBERS
from chat.texts import visible


def _id() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=2**53 - 1)


class HeadSerializer(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    change = serializers.IntegerField()


class RoomSerializer(serializers.Serializer[Any]):
    """ROOM, as the caller sees it."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["public", "private", "direct"])
    name = serializers.CharField()
    slug = serializers.CharField(allow_blank=True, help_text="what its page's URL says after the id: /rooms/ID-SLUG/")
    topic = serializers.CharField(allow_blank=True)
    picture_url = serializers.CharField(allow_null=True)
    head = HeadSerializer()
    read_seq = serializers.IntegerField()
    version = serializers.IntegerField()
    unread = serializers.IntegerField()
    unread_deleted = serializers.IntegerField(required=False, help_text="how many of the unread are deleted, if any")
    mentions = serializers.IntegerField()
    members = serializers.IntegerField()
    online = serializers.IntegerField()
    role = serializers.ChoiceField(choices=Role.values, allow_null=True)
    abilities = serializers.ListField(child=serializers.ChoiceField(choices=ABILITIES))
    writable = serializers.BooleanField()
    muted_until = serializers.DateTimeField(allow_null=True)
    read_only = serializers.BooleanField()  # type: ignore[assignment]
    archived = serializers.BooleanField()
    group = serializers.BooleanField(help_text="a private room of a few people")
    slow_mode = serializers.IntegerField(help_text="seconds between two messages of one member; 0 for none")
    active_at = serializers.DateTimeField()
    default = serializers.BooleanField()
    hidden = serializers.BooleanField()
    favourite = serializers.BooleanField()
    notify = serializers.ChoiceField(choices=Notify.values)
    told_of = serializers.ChoiceField(
        choices=Notify.values, help_text="`notify`, or where nobody chose it what holds then: mentions in shared rooms"
    )
    position = serializers.IntegerField(allow_null=True, help_text="its place, where rooms are ordered by hand")


RoomSerializer._declared_fields["with"] = UserSerializer(required=False)


class RoomsSerializer(serializers.Serializer[Any]):
    rooms = RoomSerializer(many=True)


class NewRoomSerializer(StrictSerializer):
    name = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(choices=["public", "private"])
    topic = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")
    people = serializers.ListField(child=_id(), required=False, max_length=20, default=list, help_text="user ids")
    group = serializers.BooleanField(required=False, default=False, help_text="private, named after its people")
    read_only = serializers.BooleanField(required=False, default=False)  # type: ignore[assignment]


class EditRoomSerializer(StrictSerializer):
    name = serializers.CharField(max_length=200, required=False)
    topic = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    read_only = serializers.BooleanField(required=False)  # type: ignore[assignment]
    slow_mode = serializers.IntegerField(required=False, min_value=0, max_value=21600)
    archived = serializers.BooleanField(required=False)
    default = serializers.BooleanField(required=False)


class PreferencesSerializer(StrictSerializer):
    favourite = serializers.BooleanField(required=False)
    notify = serializers.ChoiceField(choices=Notify.values, required=False)


class OrderSerializer(StrictSerializer):
    order = serializers.ChoiceField(choices=["activity", "hand"])
    rooms = serializers.ListField(
        child=_id(), required=False, max_length=2000, help_text="room ids as they should stand"
    )


class OrderedSerializer(serializers.Serializer[Any]):
    order = serializers.ChoiceField(choices=["activity", "hand"])
    positions = serializers.DictField(child=serializers.IntegerField())


class SearchSerializer(QuerySerializer):
    """The query of a page of what is found by words."""

    q = serializers.CharField(required=False, max_length=64, default="", allow_blank=True)
    offset = serializers.IntegerField(required=False, min_value=0, max_value=10_000_000, default=0)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100, default=50)


class DirectorySerializer(RoomsSerializer):
    next = serializers.IntegerField(allow_null=True, help_text="the offset of the next page")


class ReplySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    seq = serializers.IntegerField()
    author = UserSerializer()
    excerpt = serializers.CharField(allow_blank=True)


class ReactionSerializer(serializers.Serializer[Any]):
    emoji = serializers.CharField()
    count = serializers.IntegerField()
    by = serializers.ListField(child=serializers.IntegerField())


class AttachmentSerializer(serializers.Serializer[Any]):
    """ATTACHMENT; what is null or false is left out."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=AttachmentKind.values)
    type = serializers.CharField(help_text="as which it is served")
    size = serializers.IntegerField(help_text="bytes")
    url = serializers.CharField(help_text="for those who may read its message; before that for who uploaded it")
    width = serializers.IntegerField(required=False)
    height = serializers.IntegerField(required=False)
    thumb_url = serializers.CharField(required=False, help_text="of pictures: a small one that does not move")
    animated = serializers.BooleanField(required=False)


class UploadSerializer(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True, help_text="one file; its content says what it is")
    ref = serializers.UUIDField(required=False, help_text="of your own making: repeat an upload under the same")


class UploadLimitsSerializer(serializers.Serializer[Any]):
    max_bytes = serializers.IntegerField(help_text="of one file")
    quota_bytes = serializers.IntegerField(help_text="of all of one's files")
    used_bytes = serializers.IntegerField()
    per_message = serializers.IntegerField(help_text="files that a message takes")


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
    action = serializers.BooleanField(required=False, help_text="it says what its author does: “Ann waves”")
    reply_to = ReplySerializer(required=False)
    attachments = AttachmentSerializer(many=True, required=False)
    reactions = ReactionSerializer(many=True, required=False)
    mentions = serializers.ListField(child=serializers.IntegerField(), required=False)
    mentions_all = serializers.BooleanField(required=False)
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(required=False)
    deleted_at = serializers.DateTimeField(required=False)
    deleted_by = serializers.ChoiceField(
        choices=REMOVERS, required=False, help_text="who took it down; missing where nobody can restore it"
    )
    pinned_at = serializers.DateTimeField(required=False)


class MessagesSerializer(serializers.Serializer[Any]):
    messages = MessageSerializer(many=True)
    head = HeadSerializer()
    at = serializers.IntegerField(
        required=False, allow_null=True, help_text="the seq asked for by a time; null if nothing was said since"
    )


class PinsSerializer(serializers.Serializer[Any]):
    messages = MessageSerializer(many=True)


class RoomFileSerializer(AttachmentSerializer):
    message = serializers.IntegerField()
    seq = serializers.IntegerField()
    author = UserSerializer()
    created_at = serializers.DateTimeField()


class FilesSerializer(serializers.Serializer[Any]):
    files = RoomFileSerializer(many=True)
    more = serializers.BooleanField()


class FilesQuerySerializer(QuerySerializer):
    """The query of a page of files."""

    before = serializers.IntegerField(
        required=False, min_value=0, max_value=2**53 - 1, help_text="the seq of the last file of the page before"
    )
    kind = serializers.ChoiceField(
        choices=[*AttachmentKind.values, OTHER], required=False, help_text="other: all but pictures"
    )
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100, default=50)


class PageSerializer(QuerySerializer):
    """The query of a page of messages."""

    before = serializers.IntegerField(required=False, min_value=0, max_value=2**53 - 1)
    after = serializers.IntegerField(required=False, min_value=0, max_value=2**53 - 1)
    around = serializers.IntegerField(required=False, min_value=0, max_value=2**53 - 1)
    at = serializers.DateTimeField(required=False, help_text="around the first message of this time or later")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100, default=50)


class VersionSerializer(serializers.Serializer[Any]):
    """What a message said before it was edited."""

    body = serializers.CharField()
    written_at = serializers.DateTimeField()
    replaced_at = serializers.DateTimeField()


class VersionsSerializer(serializers.Serializer[Any]):
    versions = VersionSerializer(many=True, help_text="the newest first, at most 50")


class MembersQuerySerializer(QuerySerializer):
    """The query of a page of members."""

    q = serializers.CharField(required=False, max_length=32, default="", allow_blank=True)
    offset = serializers.IntegerField(required=False, min_value=0, max_value=10_000_000, default=0)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100, default=100)


class MemberSerializer(serializers.Serializer[Any]):
    user = UserSerializer()
    role = serializers.ChoiceField(choices=Role.values)
    online = serializers.BooleanField()
    away = serializers.BooleanField()
    last_seen_at = serializers.DateTimeField(allow_null=True)
    muted_until = serializers.DateTimeField(allow_null=True, help_text="told to who may mute, and the person concerned")
    abilities = serializers.ListField(
        child=serializers.ChoiceField(choices=ABOUT_MEMBERS), help_text="what the caller may do about this one"
    )


class ReasonField(serializers.CharField):
    """Why a moderator does something."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_REASON, required=False, allow_blank=True, default="", **options)

    def run_validation(self, data: Any = serializers.empty) -> str:
        """Return the text without what does not show, once it was found to be one."""
        return visible(super().run_validation(data))


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a moderator takes down or removes: it goes into the log, and the person is told."""

    reason = ReasonField()


class EditMemberSerializer(StrictSerializer):
    role = serializers.ChoiceField(choices=Role.values, required=False)
    muted_until = serializers.DateTimeField(required=False, allow_null=True)
    reason = ReasonField(help_text="of a mute")


class FoundUserSerializer(UserSerializer):
    online = serializers.BooleanField()


class FoundUsersSerializer(serializers.Serializer[Any]):
    users = FoundUserSerializer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="the offset of the next page")


class PersonSerializer(UserSerializer):
    """PERSON: what one may know of somebody."""

    online = serializers.BooleanField()
    away = serializers.BooleanField()
    last_seen_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    is_staff = serializers.BooleanField()
    is_bot = serializers.BooleanField()
    blocked = serializers.BooleanField(help_text="by the caller")


class BlocksSerializer(serializers.Serializer[Any]):
    blocks = UserSerializer(many=True)


class InvitedToSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class InvitationSerializer(serializers.Serializer[Any]):
    """INVITATION."""

    code = serializers.CharField()
    url = serializers.CharField(help_text="what is given to people")
    qr_url = serializers.CharField(help_text="the same as a QR code, an SVG picture")
    room = InvitedToSerializer(allow_null=True, help_text="null for one into the site")
    by = UserSerializer()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    max_uses = serializers.IntegerField(allow_null=True)
    uses = serializers.IntegerField()
    revoked = serializers.BooleanField()
    good = serializers.BooleanField()


class InvitationsSerializer(serializers.Serializer[Any]):
    invitations = InvitationSerializer(many=True)


class InvitationsQuerySerializer(QuerySerializer):
    room = serializers.IntegerField(required=False, min_value=1, max_value=2**53 - 1)


class NewInvitationSerializer(StrictSerializer):
    room = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=2**53 - 1)
    days = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=365)
    max_uses = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=1000)


class InvitedRoomSerializer(InvitedToSerializer):
    kind = serializers.ChoiceField(choices=["public", "private"])
    topic = serializers.CharField(allow_blank=True)
    members = serializers.IntegerField()
    picture_url = serializers.CharField(allow_null=True)


class InvitationPreviewSerializer(serializers.Serializer[Any]):
    """What somebody sees who was given a link."""

    room = InvitedRoomSerializer(allow_null=True)
    by = UserSerializer()
    good = serializers.BooleanField()


class RedeemedSerializer(serializers.Serializer[Any]):
    room = RoomSerializer(allow_null=True)


class MembersSerializer(serializers.Serializer[Any]):
    members = MemberSerializer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="the offset of the next page")


class NewMessageSerializer(serializers.Serializer[Any]):
    ref = serializers.UUIDField()
    room = serializers.IntegerField(required=False)
    to = serializers.IntegerField(required=False, help_text="a user's id, instead of a room")
    body = serializers.CharField(max_length=4000, allow_blank=True, help_text="may be empty where there are files")
    reply_to = serializers.IntegerField(required=False)
    attachments = serializers.ListField(
        child=serializers.IntegerField(), required=False, max_length=10, help_text="ids of one's own uploads"
    )
    action = serializers.BooleanField(required=False, help_text="it says what its author does")


class EditSerializer(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=4000, allow_blank=True, help_text="may be empty where there are files")


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


class EmojiGroupSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    emoji = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="[character, English names with spaces between, Chinese name]",
    )


class EmojiGroupsSerializer(serializers.Serializer[Any]):
    groups = EmojiGroupSerializer(many=True)


class DirectSerializer(StrictSerializer):
    user = serializers.IntegerField(min_value=1, max_value=2**53 - 1)


class CommandSerializer(serializers.Serializer[Any]):
    """Any one command of the socket: docs/protocol.md lists them with their fields."""

    type = serializers.CharField()
    ref = serializers.CharField(required=False)


class EventsSerializer(serializers.Serializer[Any]):
    events = serializers.ListField(child=serializers.DictField())


class SearchMessagesSerializer(QuerySerializer):
    q = serializers.CharField(max_length=1000)
    before = serializers.IntegerField(
        min_value=1, max_value=2**53 - 1, required=False, help_text="`next` of the page before"
    )
    limit = serializers.IntegerField(min_value=1, max_value=50, required=False, default=20)


class FoundRoomSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["public", "private", "direct"])
    name = serializers.CharField(allow_blank=True)
    slug = serializers.CharField(allow_blank=True)


class FoundMessageSerializer(serializers.Serializer[Any]):
    message = MessageSerializer()
    room = FoundRoomSerializer()
    context = MessageSerializer(many=True, help_text="what was said just before and after")  # type: ignore[assignment]


class FoundMessagesSerializer(serializers.Serializer[Any]):
    results = FoundMessageSerializer(many=True)
    next = serializers.IntegerField(allow_null=True)

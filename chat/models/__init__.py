"""What is stored."""

from chat.models.attachment import Attachment, AttachmentKind
from chat.models.block import Block
from chat.models.indexed_room import IndexedRoom
from chat.models.invitation import Invitation, InvitationUse
from chat.models.membership import Membership, Notify, Role
from chat.models.mention import Mention
from chat.models.message import Message, MessageKind
from chat.models.reaction import Reaction
from chat.models.restraint import Restraint
from chat.models.room import Room, RoomKind
from chat.models.server_process import ServerProcess
from chat.models.site import Site
from chat.models.version import MessageVersion

__all__ = [
    "Attachment", "AttachmentKind", "Block", "IndexedRoom", "Invitation", "InvitationUse", "Membership", "Mention",
    "Message", "MessageKind", "MessageVersion", "Notify", "Reaction", "Restraint", "Role", "Room", "RoomKind",
    "ServerProcess", "Site",
]  # fmt: skip

"""What is stored."""

from chat.models.membership import Membership, Role
from chat.models.mention import Mention
from chat.models.message import Message, MessageKind
from chat.models.reaction import Reaction
from chat.models.room import Room, RoomKind
from chat.models.site import Site

__all__ = ["Membership", "Mention", "Message", "MessageKind", "Reaction", "Role", "Room", "RoomKind", "Site"]

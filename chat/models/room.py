from django.db import models
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

LOBBY = gettext_noop("Lobby")
"""The stored name of the room that a new site has; its shown name is a translation."""


class RoomKind(models.TextChoices):
    PUBLIC = "public", _("public")
    PRIVATE = "private", _("private")
    DIRECT = "direct", _("private chat")


class Room(models.Model):
    """Where messages stand. Its row is the lock under which they are numbered."""

    kind = models.CharField(_("kind"), max_length=8, choices=RoomKind.choices, default=RoomKind.PUBLIC)
    name = models.CharField(_("name"), max_length=64, blank=True)
    topic = models.CharField(_("topic"), max_length=250, blank=True)
    is_default = models.BooleanField(_("everyone is in it"), default=False)
    is_read_only = models.BooleanField(_("only moderators write"), default=False)
    is_archived = models.BooleanField(_("archived"), default=False)
    # A private room of a few people, made by naming them; it stands with the private chats.
    is_group = models.BooleanField(_("small group"), default=False)
    # Seconds between two messages of one member; 0 for as many as one likes.
    slow_mode = models.PositiveIntegerField(_("slow mode"), default=0)
    # The token of its picture; "" for none.
    picture = models.CharField(max_length=40, blank=True, editable=False)
    # "LOWER:HIGHER" of the two user ids of a private chat, so that there is one for each pair.
    direct_key = models.CharField(max_length=41, unique=True, null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    # The head: the last numbers given out. And the member set's version (PROTOCOL, rule 6) and size.
    last_seq = models.PositiveBigIntegerField(default=0, editable=False)
    last_change = models.PositiveBigIntegerField(default=0, editable=False)
    members_version = models.PositiveBigIntegerField(default=0, editable=False)
    member_count = models.PositiveIntegerField(default=0, editable=False)
    # When something was last said there: what the list of rooms is ordered by.
    active_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)
    # The database's clock at the last change: which rooms are worth comparing. Never an order of anything.
    touched_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        # What is written behind a # is looked up by its name.
        indexes = [models.Index(fields=["name"], condition=models.Q(kind="public"), name="public_room_names")]

    def __str__(self) -> str:
        return self.name or self.direct_key or str(self.pk)

    @property
    def is_direct(self) -> bool:
        return self.kind == RoomKind.DIRECT

    @property
    def slug(self) -> str:
        """What the room's URL says besides its number; "" for a private chat."""
        return slugify(self.name, allow_unicode=True)

    @staticmethod
    def direct_key_of(one: int, other: int) -> str:
        """Return the key of the private chat between two users."""
        return f"{min(one, other)}:{max(one, other)}"

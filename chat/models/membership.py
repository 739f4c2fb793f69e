from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models.room import Room


class Role(models.TextChoices):
    OWNER = "owner", _("owner")
    MODERATOR = "moderator", _("moderator")
    MEMBER = "member", _("member")


class Notify(models.TextChoices):
    ALL = "all", _("all messages")
    MENTIONS = "mentions", _("mentions alone")
    NONE = "none", _("nothing")


class Membership(models.Model):
    """Someone is in a room, and how far he or she has read there."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=9, choices=Role.choices, default=Role.MEMBER)
    muted_until = models.DateTimeField(_("muted until"), null=True, blank=True)
    # A private chat that was left is only hidden, until its next message.
    is_hidden = models.BooleanField(default=False)
    is_favourite = models.BooleanField(default=False)
    notify = models.CharField(max_length=8, choices=Notify.choices, default=Notify.ALL)
    # Whether `notify` was ever set: "all" that nobody asked for is no wish to be called for each message.
    is_notify_chosen = models.BooleanField(default=False, db_default=False)
    # Where the room stands in its member's list, if that is kept by hand.
    position = models.PositiveIntegerField(null=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    last_read_seq = models.PositiveBigIntegerField(default=0, editable=False)
    # Rises with "mark unread from here", so that a late read mark of another tab does not undo it.
    read_version = models.PositiveIntegerField(default=0, editable=False)

    # When he or she last wrote there: slow mode counts from it.
    wrote_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.user} in {self.room}"

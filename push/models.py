"""What is stored."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AccessToken, Session
from chat.models import Message, Room
from chat.telling import Why


class Keys(models.Model):
    """The one row with the site's own key (VAPID), made at the first need. A new one ends every subscription."""

    private = models.CharField(max_length=60)
    """The P-256 private number, base64url."""

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "keys"


class Quiet(models.Model):
    """Somebody wants to be left alone for now: nothing calls him or her, anywhere."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id}"


class Subscription(models.Model):
    """A browser that can be called. It ends with the session, or the token, under which it was made."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_subscriptions")
    # Without the database's constraint: a sign-out must not fail because its browser subscribes at that moment.
    session = models.ForeignKey(Session, models.CASCADE, null=True, related_name="+", db_constraint=False)
    token = models.ForeignKey(AccessToken, models.CASCADE, null=True, related_name="+", db_constraint=False)
    endpoint = models.CharField(max_length=1000)
    # SHA-256 of the endpoint: long texts make poor keys.
    digest = models.CharField(max_length=64, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    language = models.CharField(max_length=16)
    device = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    called_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    # Its push service asked for patience.
    resting_until = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user_id} {self.device}"


class Outcome(models.TextChoices):
    """What became of a notice. The labels are for the person."""

    WAITING = "", _("Your devices are about to be told.")
    PUSHED = "pushed", _("Your devices were told.")
    GATHERED = "gathered", _("Your devices were told together with another message of the room.")
    OPEN = "open", _("The chat was open in front of you, so no device was called.")
    READ = "read", _("You had read it already.")
    QUIET = "quiet", _("You did not want to be disturbed just then.")
    CHANGED = "changed", _("When your devices would have been told the reason was gone.")
    NO_DEVICE = "no_device", _("You had no device that could be called.")
    FAILED = "failed", _("None of your devices could be reached.")


class Notice(models.Model):
    """Someone with a subscription is to be told of a message; afterwards, what came of it."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    why = models.CharField(max_length=10, choices=Why.choices)
    due_at = models.DateTimeField()
    # Until then another process is at it, if it lives.
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default=Outcome.WAITING)
    settled_at = models.DateTimeField(null=True, db_index=True)
    # The newer message with which devices were told.
    head = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="one_notice")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(settled_at=None), name="due_notices"),
            models.Index(fields=["user", "room"], name="notices_of"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.message_id}"


class Result(models.TextChoices):
    """What became of one call. The labels are for the person."""

    SENT = "sent", _("Its push service took the call.")
    GONE = "gone", _("It does not want to be called any more, and was forgotten.")
    RESTING = "resting", _("Its push service asked for patience; it is tried again.")
    FAILED = "failed", _("It could not be reached.")


class Call(models.Model):
    """A device was called for a notice."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="calls", db_index=False)
    # No foreign key: a device may go while it is being called, and neither is to wait for the other, or fail.
    subscription_id = models.PositiveBigIntegerField()
    device = models.CharField(max_length=80, blank=True)
    result = models.CharField(max_length=8, choices=Result.choices)
    status = models.PositiveIntegerField(default=0)
    """What the push service answered (HTTP), 0 if it did not."""
    called_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["notice", "subscription_id"], name="one_call")]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.device}: {self.result}"

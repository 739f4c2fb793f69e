"""By what someone is recognised.

Secrets are stored as SHA-256 digests: they are random, so nothing slower is needed.
"""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class Session(AbstractBaseSession):
    """A browser's session, with whose it is."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)
    # What the browser called itself when the session began, for its owner's list.
    user_agent = models.CharField(max_length=200, blank=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d}"


class AccessToken(models.Model):
    """What a script or bot signs in with."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")

    def __str__(self) -> str:
        return self.name or f"{self.user} {self.created_at:%Y-%m-%d}"


class SocketTicket(models.Model):
    """A single use of a session or token, for a client that can set no header on a socket."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE)
    token = models.ForeignKey(AccessToken, models.CASCADE, null=True)
    session_key = models.CharField(max_length=40, blank=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.user} {self.expires_at:%H:%M:%S}"


class OneTimeLink(models.Model):
    """A link that an administrator hands out: it makes the first administrator, or sets a new password."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, null=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user or 'first administrator'} {self.expires_at:%Y-%m-%d}"

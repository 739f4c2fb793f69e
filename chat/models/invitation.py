import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models.room import Room


def new_code() -> str:
    """Return 96 random bits as URL-safe text: what an invitation link is known by."""
    return secrets.token_urlsafe(12)


class Invitation(models.Model):
    """A link that lets people into a room, or into the site. It can be shown again, so its code is kept as it is."""

    code = models.CharField(max_length=32, unique=True, default=new_code, editable=False)
    room = models.ForeignKey(Room, models.CASCADE, null=True, blank=True, related_name="invitations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    max_uses = models.PositiveIntegerField(_("uses at most"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("uses"), default=0, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return f"{self.room or 'site'} {self.created_at:%Y-%m-%d}"


class InvitationUse(models.Model):
    """Someone came by an invitation; `is_newcomer` if the account was made with it."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="used_by")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations_used")
    is_newcomer = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["invitation", "user"], name="one_use")]

    def __str__(self) -> str:
        return f"{self.user_id} by {self.invitation_id}"

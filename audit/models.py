"""The log. People are kept by id and name, so that it says the same when they are gone."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verb(models.TextChoices):
    """What can be done to somebody or something. Stored: a value is never given another meaning."""

    BAN = "ban", _("banned")
    UNBAN = "unban", _("lifted the ban")
    MUTE = "mute", _("muted")
    UNMUTE = "unmute", _("let write again")
    SIGN_OUT = "sign_out", _("signed out everywhere")
    TAKE_DOWN = "take_down", _("took messages down")
    RESTORE = "restore", _("restored messages")
    REMOVE = "remove", _("removed from a room")
    ROLE = "role", _("changed a role")
    ROOM = "room", _("changed a room")
    STAFF = "staff", _("made a moderator")
    UNSTAFF = "unstaff", _("took moderation away")
    RIGHTS = "rights", _("changed rights")
    RESET = "reset", _("made a link for a new password")
    BOT = "bot", _("made a bot")
    TOKEN = "token", _("issued a token")
    REVOKE_TOKEN = "revoke_token", _("revoked a token")
    REVOKE_LINK = "revoke_link", _("revoked an invitation")
    RAID = "raid", _("undid a raid")
    RAID_BACK = "raid_back", _("took the undoing of a raid back")
    REPORT = "report", _("dealt with a report")
    FILTER = "filter", _("changed a filter")
    HELD = "held", _("decided about a held message")
    PROFILE = "profile", _("took away a nickname or picture")
    ADMISSION = "admission", _("changed who may come in")
    PURGE = "purge", _("removed for good")
    LOOK = "look", _("looked into a private room")
    OTHER = "other", _("did something else")


class Entry(models.Model):
    """One act. `digest` covers everything in it and the digest of the entry before (see `audit.chain`)."""

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("when"), db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor = models.CharField(_("who"), max_length=150)
    verb = models.CharField(_("what"), max_length=20, choices=Verb.choices, db_index=True)
    # What it was done to: "person", "room", "message" …, its id, and what it was called then.
    kind = models.CharField(_("kind"), max_length=20)
    object_id = models.CharField(max_length=40, db_index=True)
    label = models.CharField(_("to whom or what"), max_length=200)
    reason = models.TextField(_("why"), blank=True)
    details = models.JSONField(_("details"), default=dict)
    previous = models.CharField(_("digest of the entry before"), max_length=64)
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering = ["-number"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.number}"


class Head(models.Model):
    """The one row that says which entry is the last. Its lock is that of the log."""

    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number}"

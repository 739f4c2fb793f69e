from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ActKind(models.TextChoices):
    BAN = "ban", _("ban")
    MUTE = "mute", _("mute")
    TAKE_DOWN = "take_down", _("take-down")
    ROOM = "room", _("change of a room")
    STAFF = "staff", _("moderator made or unmade")
    REVOKE = "revoke", _("revocation")
    RAID = "raid", _("undoing of a raid")
    PROFILE = "profile", _("nickname or picture taken away")


class ItemKind(models.TextChoices):
    PERSON = "person", _("person")
    MESSAGE = "message", _("message")
    REACTION = "reaction", _("reaction")
    ROOM = "room", _("room")
    HELD = "held", _("held message")
    TOKEN = "token", _("token")
    INVITATION = "invitation", _("invitation")


class Act(models.Model):
    """Something that a moderator did at once, to one or to many, and that can be taken back at once.

    What it changed bears the time `at`, so that taking it back leaves alone what has been changed again since.
    """

    kind = models.CharField(_("what"), max_length=10, choices=ActKind.choices, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="acts", editable=False, verbose_name=_("by")
    )
    # How high who did it stood then (SiteStanding): the act binds as much when that is over. Unknown of early acts.
    standing = models.PositiveSmallIntegerField(null=True, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True, editable=False)
    reason = models.TextField(_("why"), blank=True, editable=False)
    until = models.DateTimeField(_("until"), null=True, editable=False)
    summary = models.CharField(_("to whom or what"), max_length=200, editable=False)
    undone_at = models.DateTimeField(_("taken back"), null=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("taken back by"),
    )

    undone_reason = models.TextField(_("why it was taken back"), blank=True, db_default="", default="", editable=False)

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("acts")
        default_permissions = ("view",)
        permissions = [
            ("ban_people", _("May ban people and lift bans")),
            ("mute_people", _("May mute people everywhere")),
            ("reset_profiles", _("May take away nicknames and pictures")),
            ("sign_out_people", _("May sign people out everywhere")),
            ("take_down_messages", _("May take messages down and restore them")),
            ("change_rooms", _("May lock, archive and restore rooms")),
            ("undo_raids", _("May undo a raid")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.summary}"


class ActItem(models.Model):
    """One thing that an act changed, and what it was `before`."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="items")
    kind = models.CharField(max_length=10, choices=ItemKind.choices)
    object_id = models.BigIntegerField()
    before = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["kind", "object_id"], name="acts_on")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"

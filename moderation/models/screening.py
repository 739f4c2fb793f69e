from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models import Attachment, Room


class FilterKind(models.TextChoices):
    WORDS = "words", _("words")
    LINKS = "links", _("links")
    PATTERN = "pattern", _("pattern")
    REPEATS = "repeats", _("repeated texts")
    EVERYTHING = "everything", _("every message")


class Response(models.TextChoices):
    REFUSE = "refuse", _("refuse")
    HOLD = "hold", _("hold until a moderator decides")
    FLAG = "flag", _("let through and report")


class Filter(models.Model):
    """A rule for what people are about to say, or to call themselves and rooms. Moderators are not looked at."""

    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("what it looks for"), max_length=10, choices=FilterKind.choices)
    terms = models.TextField(
        _("words, allowed sites or pattern"),
        blank=True,
        help_text=_(
            "Words: one to a line. Links: sites that are allowed, one to a line. Pattern: a regular expression. "
            "Repeats: how often within ten minutes, such as 3."
        ),
    )
    spelled_apart = models.BooleanField(
        _("also when spelled with signs in between"),
        default=False,
        db_default=False,
        help_text=_("For words of three letters and more, and for Chinese: d.a.r.n and d a r n are found as darn."),
    )
    response = models.CharField(_("what happens"), max_length=6, choices=Response.choices, default=Response.FLAG)
    explanation = models.CharField(
        _("what the author is told"), max_length=200, blank=True, help_text=_("Empty for a general sentence.")
    )
    only_guests = models.BooleanField(_("only guests"), default=False)
    newer_than = models.PositiveIntegerField(
        _("only accounts newer than this many hours"), default=0, help_text=_("0 means everyone.")
    )
    room = models.ForeignKey(
        Room, models.CASCADE, null=True, blank=True, verbose_name=_("only in this room"), related_name="filters"
    )
    is_on = models.BooleanField(
        _("on"), default=False, help_text=_("Rehearse it first: the button shows what it would have hit.")
    )
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("filter")
        verbose_name_plural = _("filters")

    def __str__(self) -> str:
        return self.name


class HeldMessage(models.Model):
    """What a filter holds back until a moderator decides. It stands in no room yet; it keeps its author's ref."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="held", editable=False, verbose_name=_("author")
    )
    room = models.ForeignKey(Room, models.CASCADE, related_name="held", editable=False, verbose_name=_("room"))
    ref = models.UUIDField(editable=False)
    body = models.TextField(_("text"), editable=False)
    reply_to = models.BigIntegerField(null=True, editable=False)
    is_action = models.BooleanField(db_default=False, default=False, editable=False)
    # The ids of its files, which are kept for it (`Attachment.is_held`).
    attachments = models.JSONField(default=list, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True, editable=False)
    filter = models.ForeignKey(
        Filter, models.SET_NULL, null=True, related_name="held", editable=False, verbose_name=_("filter")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("decided by"),
    )
    is_approved = models.BooleanField(_("let through"), null=True, editable=False)
    # What the author is told of a refusal; "" for a general sentence.
    why = models.CharField(max_length=300, blank=True, db_default="", default="", editable=False)

    class Meta:
        verbose_name = _("held message")
        verbose_name_plural = _("held messages")
        default_permissions = ("view", "change")
        constraints = [models.UniqueConstraint(fields=["author", "ref"], name="one_held_a_ref")]

    def __str__(self) -> str:
        return f"{self.author}: {self.body[:40] or ', '.join(file.name for file in self.files())[:40]}"

    def files(self) -> list[Attachment]:
        """Return its files, in their order."""
        found = Attachment.objects.filter(uploader=self.author_id).in_bulk(self.attachments)
        return [found[pk] for pk in self.attachments if pk in found]

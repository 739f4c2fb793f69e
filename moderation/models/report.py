from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models import Message


class ReportReason(models.TextChoices):
    SPAM = "spam", _("Spam or advertising")
    HARASSMENT = "harassment", _("Insults or harassment")
    HATE = "hate", _("Hate or threats")
    UNWANTED = "unwanted", _("Sexual or violent content")
    PRIVACY = "privacy", _("Private data of somebody")
    OTHER = "other", _("Something else")


class Status(models.TextChoices):
    OPEN = "open", _("open")
    TAKEN = "taken", _("taken")
    CLOSED = "closed", _("closed")


class Outcome(models.TextChoices):
    ACTED = "acted", _("something was done about it")
    DISMISSED = "dismissed", _("nothing had to be done")


class Case(models.Model):
    """All reports about the same message, or the same person, until somebody has dealt with them."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="cases", editable=False, verbose_name=_("person")
    )
    message = models.ForeignKey(
        Message, models.SET_NULL, null=True, related_name="cases", editable=False, verbose_name=_("message")
    )
    status = models.CharField(_("status"), max_length=6, choices=Status.choices, default=Status.OPEN, editable=False)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now, db_index=True, editable=False)
    reported_at = models.DateTimeField(_("last reported"), default=timezone.now, editable=False)
    report_count = models.PositiveIntegerField(_("reports"), default=0, editable=False)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="cases_taken",
        editable=False,
        verbose_name=_("taken by"),
    )
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome.choices, blank=True, editable=False)
    note = models.TextField(_("note for other moderators"), blank=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["message"],
                condition=Q(message__isnull=False) & ~Q(status="closed"),
                name="one_open_case_a_message",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(message__isnull=True) & ~Q(status="closed"),
                name="one_open_case_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}"


class Report(models.Model):
    """One person's report (or, with `by` null, a filter's), with the text as it was then."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="reports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="reports")
    reason = models.CharField(_("why"), max_length=12, choices=ReportReason.choices)
    text = models.CharField(max_length=500, blank=True)
    quote = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "by"], name="one_report_each")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.reason}"

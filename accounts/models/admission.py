from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class SignUp(models.TextChoices):
    OPEN = "open", _("anyone")
    INVITATION = "invitation", _("by invitation")
    CLOSED = "closed", _("nobody")


class Admission(models.Model):
    """The one row that says who may come in."""

    guests = models.BooleanField(
        _("guests"), default=True, help_text=_("People may come in with a nickname alone, without a password.")
    )
    sign_up = models.CharField(
        _("who may make an account with a password"), max_length=10, choices=SignUp.choices, default=SignUp.OPEN
    )
    guest_days = models.PositiveIntegerField(
        _("days until an unused guest is let go"),
        default=30,
        validators=[MaxValueValidator(3650)],
        help_text=_("The nickname is then free again; what was written stays. 0 means never."),
    )

    class Meta:
        verbose_name = _("who may come in")
        verbose_name_plural = _("who may come in")

    def __str__(self) -> str:
        return str(_("Who may come in"))

"""What acts ask before they are done."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.models import User
from chat.texts import visible


class ActForm(forms.Form):
    """Asks something before an act."""

    def prepare(self, actor: User, ids: list[int]) -> None:
        """Fit the fields to who asks and to what was chosen, before they are shown or looked at."""


class NothingForm(ActForm):
    """Asks nothing: what was chosen alone is done at once, several only after they were shown."""


class ReasonForm(ActForm):
    """Asks why."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Other moderators read it in the log."),
    )

    def clean_reason(self) -> str:
        """Return it without what does not show."""
        return visible(self.cleaned_data["reason"])


class RequiredReasonForm(ReasonForm):
    """Asks why, and takes no silence."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["reason"].required = True

"""What is asked at the desk before something is done about people."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from chat.models import Room
from moderation.actions.bans import count_down_with_bans, have_reactions_away
from moderation.admin.forms import ReasonForm, RequiredReasonForm
from moderation.admin.rights import group_name, in_order, name_of
from moderation.apps import GROUP
from moderation.sight import nameable_rooms

_DURATIONS = [
    ("1", gettext_lazy("an hour")), ("24", gettext_lazy("a day")), ("72", gettext_lazy("three days")),
    ("168", gettext_lazy("a week")), ("720", gettext_lazy("30 days")),
]  # fmt: skip


class _UntilForm(RequiredReasonForm):
    hours = forms.ChoiceField(label=gettext_lazy("For how long"), choices=_DURATIONS, initial="24")

    field_order = ["hours", "reason"]

    def until(self) -> Any:
        """Return when it ends; None for never."""
        hours = int(self.cleaned_data["hours"])
        return timezone.now() + timedelta(hours=hours) if hours else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "hours" in cleaned:
            cleaned["until"] = self.until()
        return cleaned


class BanForm(_UntilForm):
    """How long, what else, and why."""

    take_away = forms.TypedChoiceField(
        label=gettext_lazy("Take down what they wrote"),
        coerce=int,
        choices=[
            (0, gettext_lazy("none of it")),
            (1, gettext_lazy("of the last hour")), (24, gettext_lazy("of the last day")),
            (168, gettext_lazy("of the last week")), (24 * 36500, gettext_lazy("everything")),
        ],
        initial=0,
    )  # fmt: skip
    field_order = ["hours", "take_away", "reason"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["hours"] = forms.ChoiceField(
            label=_("For how long"), choices=[("0", _("until somebody lifts it")), *_DURATIONS], initial="0"
        )
        self.fields["reason"].help_text = _("Who is banned reads it too.")
        self.order_fields(self.field_order)

    def prepare(self, actor: User, _ids: list[int]) -> None:
        """Ask about messages only who may take them down."""
        if not actor.has_perm("moderation.take_down_messages"):
            del self.fields["take_away"]


class LiftForm(ReasonForm):
    """Why, and whether what was taken down with the ban comes back."""

    bring_back = forms.BooleanField(required=False, initial=True)
    field_order = ["bring_back", "reason"]

    def prepare(self, actor: User, ids: list[int]) -> None:
        """Ask about messages only where some are down because of the ban, and who may bring them back."""
        count = count_down_with_bans(ids)
        if not (count or have_reactions_away(ids)) or not actor.has_perm("moderation.take_down_messages"):
            del self.fields["bring_back"]
            return
        label = _("Bring back the reactions that were taken away with the ban")
        if count:
            label = ngettext(
                "Bring back the message that was taken down with the ban",
                "Bring back the %(count)d messages that were taken down with the ban",
                count,
            )
        self.fields["bring_back"].label = label % {"count": count}
        self.fields["bring_back"].help_text = _("Without this they stay down.")


class UnmuteForm(ReasonForm):
    """Where, and why."""

    room = forms.ModelChoiceField(
        label=gettext_lazy("Where"),
        queryset=Room.objects.none(),
        required=False,
        empty_label=gettext_lazy("everywhere"),
    )
    field_order = ["room", "reason"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        choice: Any = self.fields["room"]
        choice.queryset = nameable_rooms()


class MuteForm(_UntilForm, UnmuteForm):
    """Where, how long, and why."""

    field_order = ["room", "hours", "reason"]


class ProfileForm(RequiredReasonForm):
    """What is taken away, and why."""

    nickname = forms.BooleanField(label=gettext_lazy("The nickname"), required=False, initial=True)
    picture = forms.BooleanField(label=gettext_lazy("The picture"), required=False, initial=True)
    field_order = ["nickname", "picture", "reason"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["reason"].help_text = _("Who loses it reads it too. Nobody can choose that nickname for a while.")


class RightsForm(ReasonForm):
    """Which rights, and why."""

    groups = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What they will be able to do"),
        queryset=Group.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("If you tick nothing, they can do what “Moderators” can."),
    )
    field_order = ["groups", "reason"]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        choice: Any = self.fields["groups"]
        choice.queryset = Group.objects.order_by("name")
        choice.label_from_instance = _describe_group
        choice.initial = Group.objects.filter(name=GROUP)


def _describe_group(group: Group) -> SafeString:
    """Return a group's name and its rights."""
    rights = " · ".join(name_of(right) for right in in_order(group.permissions.all())) or _("nothing yet")
    return format_html('<strong>{}</strong> <span class="help">{}</span>', group_name(group), rights)


class BotForm(forms.Form):
    """What a bot is called."""

    nickname = forms.CharField(label=gettext_lazy("Nickname"), max_length=32)

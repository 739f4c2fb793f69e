"""The forms of the sign-in pages."""

from django import forms
from django.contrib.auth import authenticate
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.avatars import drawn_avatars
from accounts.errors import ChatError
from accounts.models import User
from accounts.nicknames import MAX_LENGTH
from accounts.pictures import store_picture
from accounts.throttling import throttle_password

OWN_PICTURE = "own"
"""What is chosen instead of a drawn avatar when the form comes back with a picture that was sent before."""
_signer = Signer(salt="accounts.forms.kept_picture")


class EnterForm(forms.Form):
    """Come in as a guest. What a nickname may be is said by the action that stores it.

    `kept_picture` is the token of the picture that was sent: a form that comes back cannot send a file again.
    """

    nickname = forms.CharField(label=_("Nickname"), max_length=4 * MAX_LENGTH)
    avatar = forms.ChoiceField(
        label=_("Avatar"), choices=lambda: [(name, name) for name in (*drawn_avatars(), OWN_PICTURE)]
    )
    picture = forms.FileField(label=_("Picture"), required=False)
    kept = forms.CharField(required=False, max_length=100)
    kept_picture: str = ""

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("avatar") == OWN_PICTURE:
            self.kept_picture = _unsigned(str(cleaned.get("kept", "")))
        return cleaned

    def keep_picture(self) -> None:
        """Store the picture that came with the form, if one did. Raises ChatError for one that cannot be taken."""
        if file := self.cleaned_data["picture"]:
            self.kept_picture = ""
            self.kept_picture = store_picture(file)

    @staticmethod
    def signed(token: str) -> str:
        """Return what the form gives a browser to send back, so that nobody names a picture of somebody else."""
        return _signer.sign(token)


class SignUpForm(EnterForm):
    """Come in with an account from the start."""

    password = forms.CharField(label=_("Password"), max_length=1024, strip=False, widget=forms.PasswordInput)


class ResetForm(forms.Form):
    """Set a new password by a one-time link."""

    password = forms.CharField(label=_("New password"), max_length=1024, strip=False, widget=forms.PasswordInput)


class SignInForm(forms.Form):
    """Come in with a password. `user` is who it was after `is_valid()`."""

    nickname = forms.CharField(label=_("Nickname"), max_length=4 * MAX_LENGTH)
    password = forms.CharField(label=_("Password"), max_length=1024, strip=False, widget=forms.PasswordInput)
    user: User | None = None

    def __init__(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._request = request

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if "nickname" in cleaned and "password" in cleaned:
            # Before the password is looked at: a refusal that came after it would tell whether it was right.
            try:
                throttle_password(self._request, str(cleaned["nickname"]))
                user = authenticate(self._request, username=cleaned["nickname"], password=cleaned["password"])
            except ChatError as error:
                raise forms.ValidationError(str(error.detail), code=error.code) from None
            if not isinstance(user, User):
                raise forms.ValidationError(_("The nickname or the password is wrong."), code="invalid")
            self.user = user
        return cleaned


class SetUpForm(forms.Form):
    """Become the first administrator."""

    nickname = forms.CharField(label=_("Nickname"), max_length=4 * MAX_LENGTH)
    password = forms.CharField(label=_("Password"), max_length=1024, strip=False, widget=forms.PasswordInput)
    password_again = forms.CharField(
        label=_("Password again"), max_length=1024, strip=False, widget=forms.PasswordInput
    )

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if "password" in cleaned and cleaned["password"] != cleaned.get("password_again"):
            self.add_error("password_again", _("The two passwords differ."))
        return cleaned


def _unsigned(value: str) -> str:
    try:
        return _signer.unsign(value)
    except BadSignature:
        return ""

"""Who may come in, as administrators have set it."""

from django.utils.translation import gettext as _

from accounts.errors import ChatError
from accounts.models import Admission, SignUp

OPEN = SignUp.OPEN.value


def admission() -> Admission:
    """Return the row that says who may come in."""
    return Admission.objects.filter(pk=1).first() or Admission(pk=1)


def sign_up_policy() -> str:
    """Return who may make an account with a password: `open`, `invitation` or `closed`."""
    return admission().sign_up


def may_sign_up(policy: Admission, *, is_invited: bool) -> bool:
    """Tell whether one may try to make an account; whether the invitation is good is seen when it is made."""
    return policy.sign_up == SignUp.OPEN or (policy.sign_up == SignUp.INVITATION and is_invited)


def check_guests() -> None:
    """Raise ChatError `forbidden` where nobody comes in without a password."""
    if not admission().guests:
        raise ChatError("forbidden", _("Here one comes in with a password only."), 403)


def check_sign_up(*, is_invited: bool) -> None:
    """Raise ChatError `forbidden` where accounts are not made, or by invitation alone and there is none."""
    policy = sign_up_policy()
    if policy == SignUp.CLOSED:
        raise ChatError("forbidden", _("New accounts are not made here: ask an administrator."), 403)
    if policy == SignUp.INVITATION and not is_invited:
        raise ChatError("forbidden", _("Accounts are made by invitation here: ask somebody for a link."), 403)

"""What the sign-in pages take from a request, and how they say what was refused."""

import re

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.errors import ChatError

_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAMES = {"file": "picture"}
"""Fields that a form calls otherwise than the action."""


def invitation_of(request: HttpRequest) -> str:
    """Return the code of the invitation that someone came with; "" for none, or what cannot be one."""
    code: str = request.POST.get("invitation") or request.GET.get("invitation") or ""
    return code if _CODE.fullmatch(code) else ""


def next_of(request: HttpRequest) -> str:
    """Return where one goes after signing in: as `next` says if that is ours, else to the invitation, else home."""
    target: str = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    code = invitation_of(request)
    return reverse("invitation", args=[code]) if code else reverse("home")


def show(error: ChatError, form: forms.Form) -> None:
    """Add the sentences of a refusal to the fields of `form` that they are about."""
    for name, sentences in (error.fields or {"": [str(error.detail)]}).items():
        field = _NAMES.get(name, name)
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, sentence)

"""Coming in: as a guest, with a new account, with a password."""

import secrets
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.actions import Newcomer, NicknameTaken, admit_guest, create_account
from accounts.addresses import address_of_request
from accounts.admission import admission, may_sign_up
from accounts.avatars import drawn_avatars
from accounts.errors import ChatError
from accounts.forms import OWN_PICTURE, EnterForm, SignInForm, SignUpForm
from accounts.models import User
from accounts.pictures import picture_url
from accounts.signing_in import start_session
from accounts.throttling import throttle_arrival
from accounts.views.banned import ban_card
from accounts.views.requests import invitation_of, next_of, show


@never_cache
def enter(request: HttpRequest) -> HttpResponse:
    """Show the sign-in card; on POST come in as a guest. Whoever was banned is told that instead."""
    if request.user.is_authenticated:
        return redirect(next_of(request))
    if card := ban_card(request):
        return card
    if request.method == "POST":
        form = EnterForm(request.POST, request.FILES)
        return _come_in(request, form, "accounts/enter.html", admit_guest)
    return render(request, "accounts/enter.html", enter_context(next_of(request), invitation_of(request)))


@never_cache
@sensitive_post_parameters("password")
def sign_up(request: HttpRequest) -> HttpResponse:
    """Show the form for an account with a password; on POST make it and come in. The banned are told that instead."""
    if request.user.is_authenticated:
        return redirect(next_of(request))
    if card := ban_card(request):
        return card
    if request.method == "POST":
        form = SignUpForm(request.POST, request.FILES)
        password = request.POST.get("password", "")
        return _come_in(request, form, "accounts/sign_up.html", lambda newcomer: create_account(newcomer, password))
    context = enter_context(next_of(request), invitation_of(request), form=SignUpForm())
    return render(request, "accounts/sign_up.html", context)


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form for those who have a password; on POST sign in."""
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid() and form.user is not None:
        start_session(request, form.user)
        return redirect(next_of(request))
    context = {"form": form} | _doors(next_of(request), invitation_of(request))
    return render(request, "accounts/sign_in.html", context, status=400 if form.errors else 200)


def enter_context(
    target: str, invitation: str, *, form: EnterForm | None = None, suggestion: str = ""
) -> dict[str, Any]:
    """Return what `accounts/enter_form.html` shows: the form, the avatars, who may come in, and where one then goes."""
    form = form or EnterForm()
    kept = form.kept_picture
    drawn = form.data.get("avatar") if form.data.get("avatar") in drawn_avatars() else secrets.choice(drawn_avatars())
    return _doors(target, invitation) | {
        "form": form,
        "avatars": drawn_avatars(),
        "chosen": OWN_PICTURE if kept else drawn,
        "kept": {"url": picture_url(kept), "signed": form.signed(kept)} if kept else None,
        "suggestion": suggestion,
    }


def _doors(target: str, invitation: str) -> dict[str, Any]:
    """Return by which ways one may come in, and what the links between them carry along."""
    policy = admission()
    return {
        "next": target,
        "invitation": invitation,
        "admission": policy,
        "may_sign_up": may_sign_up(policy, is_invited=bool(invitation)),
    }


def _come_in(request: HttpRequest, form: EnterForm, template: str, admit: Callable[[Newcomer], User]) -> HttpResponse:
    target, invitation, suggestion = next_of(request), invitation_of(request), ""
    if form.is_valid():
        try:
            throttle_arrival(request)
            user = admit(_newcomer(request, form, invitation))
        except ChatError as error:
            show(error, form)
            suggestion = error.suggestion if isinstance(error, NicknameTaken) else ""
            if error.code == "not_found":
                # The invitation is no good: the next attempt is without it, and does not lead there.
                target, invitation = reverse("home"), ""
        else:
            start_session(request, user)
            return redirect(target)
    context = enter_context(target, invitation, form=form, suggestion=suggestion)
    return render(request, template, context, status=400)


def _newcomer(request: HttpRequest, form: EnterForm, invitation: str) -> Newcomer:
    form.keep_picture()
    cleaned = form.cleaned_data
    avatar = secrets.choice(drawn_avatars()) if cleaned["avatar"] == OWN_PICTURE else cleaned["avatar"]
    address = address_of_request(request)
    return Newcomer(cleaned["nickname"], avatar, get_language() or "", invitation, form.kept_picture, address)

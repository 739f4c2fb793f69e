"""Coming in and going out."""

import secrets

from django import forms
from django.conf import settings
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.actions import (
    NicknameTaken,
    change_profile,
    create_administrator,
    create_guest,
    note_sign_out,
    set_up_link_is_good,
)
from accounts.avatars import drawn_avatars
from accounts.errors import ChatError
from accounts.forms import EnterForm, SetUpForm, SignInForm
from accounts.languages import supported_language
from accounts.models import User
from accounts.throttling import throttle_arrival

BACKEND = "accounts.backends.NicknameBackend"


@never_cache
def enter(request: HttpRequest) -> HttpResponse:
    """Show the sign-in card; on POST come in as a guest."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    form = EnterForm(request.POST or None)
    suggestion = ""
    if request.method == "POST" and form.is_valid():
        try:
            throttle_arrival(request)
            user = create_guest(form.cleaned_data["nickname"], form.cleaned_data["avatar"], get_language() or "")
        except ChatError as error:
            suggestion = error.suggestion if isinstance(error, NicknameTaken) else ""
            _show(error, form)
        else:
            login(request, user, BACKEND)
            return redirect(_next(request))
    chosen = form.data.get("avatar") or secrets.choice(drawn_avatars())
    context = {
        "form": form,
        "avatars": drawn_avatars(),
        "chosen": chosen,
        "suggestion": suggestion,
        "next": _next(request),
    }
    return render(request, "accounts/enter.html", context, status=400 if form.errors else 200)


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form for those who have a password; on POST sign in."""
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid() and form.user is not None:
        login(request, form.user)
        return redirect(_next(request))
    context = {"form": form, "next": _next(request)}
    return render(request, "accounts/sign_in.html", context, status=400 if form.errors else 200)


@never_cache
@sensitive_post_parameters("password", "password_again")
def set_up(request: HttpRequest, secret: str) -> HttpResponse:
    """Make the first administrator, by the one-time link that the server printed."""
    if not set_up_link_is_good(secret):
        raise Http404
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = create_administrator(secret, form.cleaned_data["nickname"], form.cleaned_data["password"])
        except ChatError as error:
            _show(error, form)
        else:
            login(request, user, BACKEND)
            return redirect("home")
    return render(request, "accounts/set_up.html", {"form": form, "next": ""}, status=400 if form.errors else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    user = request.user
    logout(request)
    if isinstance(user, User):
        note_sign_out(user)
    return redirect("enter")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language of the page, in a cookie and with the account."""
    language = supported_language(request.POST.get("language", ""))
    response = HttpResponseRedirect(_next(request))
    if language:
        if isinstance(request.user, User):
            change_profile(request.user, {"language": language})
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=settings.SESSION_COOKIE_AGE, samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE, httponly=True,
        )  # fmt: skip
    return response


def _next(request: HttpRequest) -> str:
    target: str = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("home")


def _show(error: ChatError, form: forms.Form) -> None:
    for field, sentences in (error.fields or {"": [str(error.detail)]}).items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, sentence)

"""Coming in and going out."""

import secrets
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import (
    Newcomer,
    NicknameTaken,
    admit_guest,
    change_profile,
    create_account,
    create_administrator,
    find_reset,
    note_sign_out,
    reset_password,
    set_up_link_is_good,
)
from accounts.admission import admission
from accounts.avatars import drawn_avatars
from accounts.errors import ChatError
from accounts.forms import EnterForm, ResetForm, SetUpForm, SignInForm, SignUpForm
from accounts.languages import supported_language
from accounts.models import User
from accounts.pictures import read_picture, store_picture
from accounts.signing_in import start_session
from accounts.throttling import throttle_arrival


@never_cache
def enter(request: HttpRequest) -> HttpResponse:
    """Show the sign-in card; on POST come in as a guest."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    if request.method == "POST":
        form = EnterForm(request.POST, request.FILES)
        return _come_in(request, form, "accounts/enter.html", admit_guest)
    context = enter_context(_next(request), request.GET.get("invitation", ""))
    return render(request, "accounts/enter.html", context)


@never_cache
@sensitive_post_parameters("password")
def sign_up(request: HttpRequest) -> HttpResponse:
    """Show the form for an account with a password; on POST make it and come in."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    if request.method == "POST":
        form = SignUpForm(request.POST, request.FILES)
        password = request.POST.get("password", "")
        return _come_in(request, form, "accounts/sign_up.html", lambda newcomer: create_account(newcomer, password))
    context = enter_context(_next(request), request.GET.get("invitation", ""), form=SignUpForm())
    return render(request, "accounts/sign_up.html", context)


def enter_context(
    target: str,
    invitation: str,
    *,
    form: EnterForm | None = None,
    suggestion: str = "",
) -> dict[str, Any]:
    """Return what `accounts/enter_form.html` shows: the form, the avatars, who may come in, and where one then goes."""
    form = form or EnterForm()
    return {
        "form": form,
        "avatars": drawn_avatars(),
        "chosen": form.data.get("avatar") or secrets.choice(drawn_avatars()),
        "suggestion": suggestion,
        "next": target,
        "invitation": invitation,
        "admission": admission(),
    }


def _come_in(request: HttpRequest, form: EnterForm, template: str, admit: Callable[[Newcomer], User]) -> HttpResponse:
    suggestion = ""
    if form.is_valid():
        try:
            throttle_arrival(request)
            user = admit(_newcomer(form.cleaned_data))
        except ChatError as error:
            suggestion = error.suggestion if isinstance(error, NicknameTaken) else ""
            _show(error, form)
        else:
            start_session(request, user)
            return redirect(_next(request))
    invitation = request.POST.get("invitation", "")
    context = enter_context(_next(request), invitation, form=form, suggestion=suggestion)
    return render(request, template, context, status=400)


def _newcomer(cleaned: dict[str, Any]) -> Newcomer:
    picture = store_picture(cleaned["picture"]) if cleaned["picture"] else ""
    return Newcomer(cleaned["nickname"], cleaned["avatar"], get_language() or "", cleaned["invitation"], picture)


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form for those who have a password; on POST sign in."""
    form = SignInForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid() and form.user is not None:
        start_session(request, form.user)
        return redirect(_next(request))
    invitation = request.GET.get("invitation", "")
    context = {"form": form, "next": _next(request), "invitation": invitation, "admission": admission()}
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
            start_session(request, user)
            return redirect("home")
    return render(request, "accounts/set_up.html", {"form": form, "next": ""}, status=400 if form.errors else 200)


@never_cache
@sensitive_post_parameters("password")
def reset(request: HttpRequest, secret: str) -> HttpResponse:
    """Set a new password, by the one-time link that an administrator handed out."""
    user = find_reset(secret)
    if user is None:
        raise Http404
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = reset_password(secret, form.cleaned_data["password"])
        except ChatError as error:
            _show(error, form)
        else:
            start_session(request, user)
            return redirect("home")
    context = {"form": form, "person": user, "next": ""}
    return render(request, "accounts/reset.html", context, status=400 if form.errors else 200)


@require_safe
def picture(_request: HttpRequest, token: str) -> HttpResponse:
    """Answer with an uploaded picture, for ever cacheable: another one has another name."""
    content = read_picture(token)
    if content is None:
        raise Http404
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return HttpResponse(content, "image/webp", headers=headers)


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

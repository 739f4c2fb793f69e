"""Signing in with a password."""

from typing import Any

import pytest
from django.test import RequestFactory

from accounts import forms
from accounts.errors import RateLimited
from accounts.forms import SignInForm


def test_a_password_that_came_too_fast_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the answer would tell the right one from a wrong one, throttled or not."""
    looked_at: list[Any] = []

    def too_fast(_request: Any, _nickname: str) -> None:
        raise RateLimited(5)

    monkeypatch.setattr(forms, "throttle_password", too_fast)
    monkeypatch.setattr(forms, "authenticate", lambda *_args, **given: looked_at.append(given))
    form = SignInForm(RequestFactory().post("/sign-in/"), {"nickname": "ann", "password": "secret"})
    assert not form.is_valid()
    assert form.user is None
    assert looked_at == []
    assert form.non_field_errors() == ["That was too fast. Please wait a moment."]

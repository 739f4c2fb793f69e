"""What unit tests share."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import hypothesis
import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from chat.actions import (
    announce,
    blocks,
    direct,
    epochs,
    memberships,
    messages,
    moderating,
    notices,
    posting,
    preferences,
    reading,
    rooms,
)
from database.threads import close_connections
from live.envelope import Envelope
from live.hub import Hub
from live.layer import EmbeddedChannelLayer
from moderation.actions.staff import make_moderators
from tests.unit.cast import Cast, make_cast

# Machines that do other things too must not fail a test.
hypothesis.settings.register_profile("unit", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("unit")


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Settings) -> None:
    """Name static files as they are: there is no manifest before `collectstatic`."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture
async def hub_on() -> AsyncIterator[Callable[[Any], Hub]]:
    """A factory of hubs: `hub_on(layer)`."""
    hubs: list[Hub] = []

    def make(layer: Any) -> Hub:
        hubs.append(Hub(layer))
        return hubs[-1]

    yield make
    for hub in hubs:
        await hub.stop()


@pytest.fixture
async def hub(hub_on: Callable[[Any], Hub]) -> Hub:
    """The hub of a process that is alone."""
    return hub_on(EmbeddedChannelLayer())


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast and their rooms, stored."""
    return make_cast()


@pytest.fixture
def real_cast(transactional_db: None) -> Iterator[Cast]:
    """The cast and their rooms in a database that other threads see."""
    yield make_cast()
    close_connections()


@pytest.fixture
def boss(cast: Cast) -> User:
    """An administrator."""
    return User.objects.create_user("boss", "a good long password", is_staff=True, is_superuser=True)


@pytest.fixture
def mod(boss: User) -> User:
    """A moderator of the site."""
    user = User.objects.create_user("mod", "a good long password")
    make_moderators(boss, [user.pk])
    return User.objects.get(pk=user.pk)


@pytest.fixture
def at_desk() -> Callable[[User], Client]:
    """A factory of people at the admin: `at_desk(mod).get("/admin/")`."""

    def sit_down(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sit_down


Announced = Callable[..., list[Envelope]]


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> Announced:
    """`announced(act, *arguments)`: do it and return the envelopes that were published after the commit."""
    published: list[Envelope] = []
    modules = (
        announce, blocks, direct, epochs, memberships, messages, moderating, notices, posting, preferences, reading,
        rooms,
    )  # fmt: skip
    for module in modules:
        monkeypatch.setattr(module, "publish", lambda *envelopes: published.extend(envelopes), raising=False)

    def act(action: Callable[..., Any], *arguments: Any, **options: Any) -> list[Envelope]:
        published.clear()
        with django_capture_on_commit_callbacks(execute=True):
            action(*arguments, **options)
            assert not published, "announced before the commit"
        return list(published)

    return act

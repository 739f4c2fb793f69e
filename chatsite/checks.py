"""Refuses set-ups that cannot work, and names the remedy."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import connection

from chatsite.hosts import is_loopback


@register
def rate_limits_stay_on(**_kwargs: Any) -> list[CheckMessage]:
    """Only a server that no other machine reaches may run without rate limits."""
    if settings.RATE_LIMITS or is_loopback(settings.HOST):
        return []
    return [
        Error(
            "CHATSITE_RATE_LIMITS=off is for load runs, on a server that listens on loopback.",
            hint=f"Set HOST=127.0.0.1 (it is {settings.HOST!r}), or leave CHATSITE_RATE_LIMITS alone.",
            id="chatsite.E001",
        )
    ]


@register
def hosts_are_named(**_kwargs: Any) -> list[CheckMessage]:
    """A wildcard would let any web page on any rebound name act as ours."""
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "CHATSITE_HOSTS must name the site's hosts.",
            hint="For example CHATSITE_HOSTS='chat.example.org'; several are separated by spaces.",
            id="chatsite.E002",
        )
    ]


@register
def processes_share_a_layer(**_kwargs: Any) -> list[CheckMessage]:
    """Processes that cannot hear each other would each show half of the conversation."""
    problem = several_processes_problem()
    return [problem] if settings.WORKERS > 1 and problem else []


@register
def redis_comes_with_postgres(**_kwargs: Any) -> list[CheckMessage]:
    """REDIS_URL says that there are several processes; SQLite is a file of one machine, with one writer."""
    if not settings.REDIS_URL or connection.vendor == "postgresql":
        return []
    return [
        Error(
            "REDIS_URL is for several processes, and those need PostgreSQL.",
            hint="Set DATABASE_URL=postgres://…, or unset REDIS_URL: one process needs neither.",
            id="chatsite.E004",
        )
    ]


def several_processes_problem() -> CheckMessage | None:
    """Return what keeps several processes from working as one site, or None."""
    missing = [] if settings.REDIS_URL else ["REDIS_URL"]
    missing += [] if connection.vendor == "postgresql" else ["DATABASE_URL"]
    if not missing:
        return None
    return Error(
        "Several processes need Redis to hear of each other, and PostgreSQL to write to.",
        hint=f"Set {' and '.join(missing)}, or serve with one process (WEB_CONCURRENCY=1, --workers 1).",
        id="chatsite.E003",
    )

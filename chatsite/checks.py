"""Refuses set-ups that cannot work, and names the remedy."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

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
    if os.environ.get("WEB_CONCURRENCY", "1") == "1" or settings.REDIS_URL:
        return []
    return [
        Error(
            "Several processes need Redis to hear of each other.",
            hint="Set REDIS_URL (and DATABASE_URL), or unset WEB_CONCURRENCY.",
            id="chatsite.E003",
        )
    ]

"""Sign-ins, good and bad, in the server's log. Nicknames that were not known may be passwords, and are not written."""

import logging
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.addresses import address_of_request
from accounts.models import User

logger = logging.getLogger("accounts.sign_in")


@receiver(user_logged_in, dispatch_uid="accounts.sign_in_log")
def log_sign_in(sender: Any, request: HttpRequest, user: User, **_options: Any) -> None:  # noqa: ARG001 - by signal
    """Write down that a browser's session began, or that a program was given a token for a password."""
    logger.info("User %s signed in from %s", user.pk, address_of_request(request))


@receiver(user_login_failed, dispatch_uid="accounts.sign_in_log")
def log_failure(sender: Any, request: HttpRequest | None = None, **_options: Any) -> None:  # noqa: ARG001 - by signal
    """Write down that a password was wrong, or a nickname unknown."""
    logger.info("A sign-in failed from %s", address_of_request(request) if request is not None else "somewhere")

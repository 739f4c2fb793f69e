"""People who do not want to be disturbed."""

from functools import partial

from django.db import transaction

from accounts.actions import user_group
from accounts.models import User
from database.transactions import write_transaction
from live.publisher import envelope, publish
from push.models import Quiet


def set_quiet(user: User, *, quiet: bool) -> None:
    """Leave `user` alone from now on, or no more; tell his or her tabs."""
    with write_transaction():
        if quiet:
            Quiet.objects.get_or_create(user=user)
        else:
            Quiet.objects.filter(user=user).delete()
        event = {"type": "notifications.updated", "do_not_disturb": quiet}
        transaction.on_commit(partial(publish, envelope(user_group(user.pk), [event])))


def is_quiet(user: User) -> bool:
    """Tell whether `user` wants to be left alone."""
    return Quiet.objects.filter(user=user).exists()

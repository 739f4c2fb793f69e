"""People keep others away from themselves."""

from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import user_group
from accounts.models import User
from chat.errors import Invalid, NotFound
from chat.models import Block
from chat.permissions import blocked_by
from database.transactions import write_transaction
from live.publisher import envelope, publish

MAX_BLOCKS = 1000


def block_user(user: User, other_id: int) -> None:
    """Have `user` block another: no private chats between the two. Raises NotFound or Invalid."""
    if other_id == user.pk:
        raise Invalid(_("One cannot block oneself."), "user")
    with write_transaction():
        if not User.objects.filter(pk=other_id).exists():
            raise NotFound
        if Block.objects.filter(user=user).count() >= MAX_BLOCKS:
            raise Invalid(_("You have blocked too many people."), "user")
        Block.objects.get_or_create(user=user, blocked_id=other_id)
        _announce(user)


def unblock_user(user: User, other_id: int) -> None:
    """Take a block back; without one nothing happens."""
    with write_transaction():
        if Block.objects.filter(user=user, blocked_id=other_id).delete()[0]:
            _announce(user)


def _announce(user: User) -> None:
    event = {"type": "blocks.updated", "blocked": blocked_by(user.pk)}
    transaction.on_commit(partial(publish, envelope(user_group(user.pk), [event])))

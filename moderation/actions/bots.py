"""Bots and their tokens, and links for lost passwords: what administrators alone hand out."""

import secrets
from collections.abc import Collection
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import create_reset_link, create_token
from accounts.actions.access import raise_access_version
from accounts.actions.newcomers import Newcomer, admit_bot
from accounts.avatars import drawn_avatars
from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.errors import Invalid
from database.transactions import write_transaction
from moderation.actions.access import revoke_tokens
from moderation.actions.noting import lock_people, note_act, summary_of
from moderation.models import Act, ActKind
from moderation.standing import check_administrator, check_may_act_on

TOKEN_AGE = timedelta(days=365)
MAX_LINKS = 20


def create_bot(actor: User, nickname: str) -> tuple[User, str]:
    """Store a bot, which joins the default rooms, and return it with its first token. Raises Forbidden or `invalid`."""
    check_administrator(actor)
    with write_transaction():
        bot = admit_bot(Newcomer(nickname, secrets.choice(drawn_avatars())))
        _token, secret = create_token(bot, _("first token"), TOKEN_AGE)
        record(actor, Verb.BOT, bot)
    return bot, secret


def issue_bot_token(actor: User, bot_id: int, reason: str = "") -> str:
    """Return the secret of a new token of a bot, good for a year. Raises Forbidden, or Invalid for one that is none."""
    check_administrator(actor)
    with write_transaction():
        bot = User.objects.filter(pk=bot_id, is_bot=True, is_former=False).first()
        if bot is None:
            raise Invalid(_("This is no bot. People make tokens in their own settings."))
        token, secret = create_token(bot, reason[:80] or _("another token"), TOKEN_AGE)
        record(actor, Verb.TOKEN, bot, reason, token=token.pk)
    return secret


def revoke_bot_tokens(actor: User, ids: Collection[int], reason: str = "") -> Act:
    """Revoke all tokens of bots; return the act. Raises Forbidden or Invalid."""
    check_administrator(actor)
    with write_transaction():
        bots = list(User.objects.filter(pk__in=ids, is_bot=True).order_by("pk"))
        if not bots:
            raise Invalid(_("Choose a bot first."))
        act = Act(kind=ActKind.REVOKE, by=actor, at=timezone.now(), reason=reason)
        act.summary = summary_of(bot.nickname for bot in bots)
        note_act(act, revoke_tokens(lock_people(bots), act))
        for bot in bots:
            raise_access_version(bot)
        record(actor, Verb.REVOKE_TOKEN, bots[0] if len(bots) == 1 else None, reason, label=act.summary, act=act.pk)
    return act


def make_reset_links(actor: User, ids: Collection[int], reason: str = "") -> list[tuple[User, str]]:
    """Return for each of at most 20 people the secret of a one-time link for a new password.

    Raises Forbidden for one who is no administrator, or does not stand above all of them; Invalid for none or too many.
    """
    check_administrator(actor)
    with write_transaction():
        people = list(User.objects.filter(pk__in=ids, is_former=False, is_bot=False).order_by("pk"))
        if not 0 < len(people) <= MAX_LINKS:
            raise Invalid(_("Choose 1 to 20 people."))
        check_may_act_on(actor, [user for user in people if user.pk != actor.pk])
        links = [(user, create_reset_link(user.pk)[0]) for user in people]
        for user in people:
            record(actor, Verb.RESET, user, reason)
    return links

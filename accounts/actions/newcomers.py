"""Accounts are made."""

from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.actions.validation import (
    check_name,
    check_not_reserved,
    check_password,
    invalid,
    reserved_nicknames,
    valid_nickname,
)
from accounts.addresses import known_address
from accounts.admission import check_guests, check_sign_up
from accounts.avatars import DEFAULT, drawn_avatars
from accounts.errors import ChatError
from accounts.languages import supported_language
from accounts.models import OneTimeLink, User
from accounts.nicknames import MAX_LENGTH, nickname_key
from accounts.secrets import digest, new_secret
from database.transactions import write_transaction

SET_UP_LINK_AGE = timedelta(days=1)


class NicknameTaken(ChatError):
    """Someone has that nickname; `suggestion` is a free one like it."""

    def __init__(self, nickname: str) -> None:
        self.suggestion = suggest_nickname(nickname)
        sentence = _("That nickname is taken. Free is: %(nickname)s") % {"nickname": self.suggestion}
        super().__init__("invalid", sentence, 400, fields={"nickname": [sentence]})


class Newcomer(NamedTuple):
    """What someone says who comes in: the name of a drawn avatar, a language tag, the code of an invitation."""

    nickname: str
    avatar: str = DEFAULT
    language: str = ""
    invitation: str = ""
    picture: str = ""
    """The token of a stored picture, shown instead of the avatar."""
    address: str = ""
    """The IP address that he or she comes from; "" if it is not known."""


def create_guest(nickname: str, avatar: str = DEFAULT, language: str = "") -> User:
    """Store a guest who brings nothing else; as `admit_guest`."""
    return admit_guest(Newcomer(nickname, avatar, language))


def admit_guest(newcomer: Newcomer) -> User:
    """Store a guest and have it join the default rooms, and the one it is invited to.

    Raises ChatError: `forbidden` where guests do not come in, `invalid` with `fields`, NicknameTaken if that is why,
    `not_found` for an invitation that is not good.
    """
    check_guests()
    return _store(newcomer, None)


def create_account(newcomer: Newcomer, password: str) -> User:
    """Store an account with a password. Raises as `admit_guest`; `forbidden` where accounts are not made so."""
    check_sign_up(is_invited=bool(newcomer.invitation))
    check_password(password, User(nickname=newcomer.nickname))
    return _store(newcomer, password)


def admit_bot(newcomer: Newcomer) -> User:
    """Store a bot and have it join the default rooms; an administrator makes it. Raises `invalid`, NicknameTaken."""
    return _store(newcomer, None, is_bot=True)


def _store(newcomer: Newcomer, password: str | None, *, is_bot: bool = False) -> User:
    name = valid_nickname(newcomer.nickname)
    check_not_reserved(name)
    check_name(User(is_guest=password is None, is_bot=is_bot), name)
    if newcomer.avatar not in drawn_avatars():
        raise invalid("avatar", _("There is no such avatar."))
    language = supported_language(newcomer.language)
    try:
        with write_transaction():
            user = User.objects.create_user(
                name, password, avatar=newcomer.avatar, language=language, picture=newcomer.picture,
                arrived_from=known_address(newcomer.address), is_bot=is_bot,
            )  # fmt: skip
            _welcome(user, newcomer.invitation)
    except IntegrityError:
        raise NicknameTaken(name) from None
    return user


def create_administrator(secret: str, nickname: str, password: str) -> User:
    """Redeem the link for the first administrator.

    Raises ChatError: `not_found` if the link is not good (any more), `invalid` with `fields` for the rest.
    """
    name = valid_nickname(nickname)
    try:
        with write_transaction():
            if not set_up_link_is_good(secret):
                raise ChatError("not_found", _("This link has been used or has expired."), 404)
            check_password(password, User(nickname=name))
            user = User.objects.create_user(name, password, is_staff=True, is_superuser=True)
            OneTimeLink.objects.filter(user=None).delete()
            _welcome(user)
    except IntegrityError:
        raise NicknameTaken(name) from None
    return user


def create_set_up_link() -> str | None:
    """Return the secret of a new link for the first administrator; None if there is an administrator."""
    with write_transaction():
        if User.objects.filter(is_superuser=True).exists():
            return None
        OneTimeLink.objects.filter(user=None).delete()
        secret = new_secret()
        OneTimeLink.objects.create(digest=digest(secret), expires_at=timezone.now() + SET_UP_LINK_AGE)
    return secret


def set_up_link_is_good(secret: str) -> bool:
    """Tell whether `secret` can still make the first administrator."""
    link = OneTimeLink.objects.filter(digest=digest(secret), user=None, expires_at__gt=timezone.now())
    return link.exists() and not User.objects.filter(is_superuser=True).exists()


def suggest_nickname(nickname: str) -> str:
    """Return a free nickname like `nickname`: the same with a number."""
    base = nickname[: MAX_LENGTH - 5].rstrip()
    candidates = {nickname_key(name): name for number in range(2, 100) if (name := f"{base}{number}")}
    taken = set(User.objects.filter(nickname_key__in=candidates).values_list("nickname_key", flat=True))
    taken |= reserved_nicknames(set(candidates))
    free = [name for key, name in candidates.items() if key not in taken]
    return free[0] if free else f"{base}{User.objects.order_by('-pk').values_list('pk', flat=True)[0] + 100}"


def _welcome(user: User, invitation: str = "") -> None:
    import_string(settings.WELCOME_NEWCOMER)(user, invitation)

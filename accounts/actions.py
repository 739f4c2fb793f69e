"""What can be done to an account. Each is one transaction, then the announcement."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.avatars import DEFAULT, drawn_avatars
from accounts.credentials import Credential, Identity
from accounts.errors import ChatError
from accounts.frames import person_of, user_frame
from accounts.languages import supported_language
from accounts.models import AccessToken, OneTimeLink, SocketTicket, User
from accounts.nicknames import MAX_LENGTH, clean_nickname, nickname_key
from accounts.secrets import digest, new_secret
from database.transactions import write_transaction
from live.publisher import envelope, publish

SITE = "site"
"""The group of everyone."""

SET_UP_LINK_AGE = timedelta(days=1)


class NicknameTaken(ChatError):
    """Someone has that nickname; `suggestion` is a free one like it."""

    def __init__(self, nickname: str) -> None:
        self.suggestion = suggest_nickname(nickname)
        sentence = _("That nickname is taken. Free is: %(nickname)s") % {"nickname": self.suggestion}
        super().__init__("invalid", sentence, 400, fields={"nickname": [sentence]})


def user_group(user_id: int) -> str:
    """Return the name of the group of a user's own sockets."""
    return f"user.{user_id}"


def create_guest(nickname: str, avatar: str = DEFAULT, language: str = "") -> User:
    """Store a guest and have it join the default rooms.

    Raises ChatError `invalid` with `fields`; NicknameTaken if that is why.
    """
    name = _valid_nickname(nickname)
    if avatar not in drawn_avatars():
        raise _invalid("avatar", _("There is no such avatar."))
    try:
        with write_transaction():
            user = User.objects.create_user(name, avatar=avatar, language=supported_language(language))
            _welcome(user)
    except IntegrityError:
        raise NicknameTaken(name) from None
    return user


def create_administrator(secret: str, nickname: str, password: str) -> User:
    """Redeem the link for the first administrator.

    Raises ChatError: `not_found` if the link is not good (any more), `invalid` with `fields` for the rest.
    """
    name = _valid_nickname(nickname)
    try:
        with write_transaction():
            if not set_up_link_is_good(secret):
                raise ChatError("not_found", _("This link has been used or has expired."), 404)
            _check_password(password, User(nickname=name))
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


def change_profile(user: User, changes: Mapping[str, str], keep: Credential | None = None) -> User:
    """Change any of `nickname`, `avatar`, `language`, `password` of `user` and tell everyone what they can see.

    Raises ChatError `invalid` with `fields`; NicknameTaken if that is why. A new password ends every
    sign-in but `keep`.
    """
    try:
        with write_transaction():
            user = User.objects.select_for_update().get(pk=user.pk)
            for field, value in changes.items():
                _CHANGES[field](user, value)
            user.save()
            if "password" in changes:
                _end_access(user, keep)
            if changes.keys() & {"nickname", "avatar", "password"}:
                _announce(user)
    except IntegrityError:
        raise NicknameTaken(changes["nickname"]) from None
    return user


def delete_account(user: User) -> None:
    """Make `user` a former one: the nickname is free again, every sign-in ends, the messages stay."""
    with write_transaction():
        user = User.objects.select_for_update().get(pk=user.pk)
        user.is_former = True
        user.nickname_key = None
        user.is_staff = user.is_superuser = False
        user.set_unusable_password()
        user.save()
        import_string(settings.SEE_OFF_FORMER)(user)
        _end_access(user)
        _announce(user)


def ban_user(user: User) -> None:
    """Shut `user` out: nothing signs in any more, and open sockets are closed. It can be undone."""
    _set_active(user, is_active=False)


def unban_user(user: User) -> None:
    """Let `user` in again."""
    _set_active(user, is_active=True)


def issue_token(user: User, name: str = "", age: timedelta | None = None) -> str:
    """Return the secret of a new access token for `user`, good for `age` (by default TOKEN_AGE)."""
    secret = new_secret()
    with write_transaction():
        AccessToken.objects.create(
            user=user, name=name, digest=digest(secret), expires_at=timezone.now() + (age or settings.TOKEN_AGE)
        )
    return secret


def revoke_token(token_id: int) -> None:
    """Revoke an access token and have the sockets that came with it look again."""
    with write_transaction():
        token = AccessToken.objects.select_related("user").get(id=token_id)
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        _raise_access_version(token.user)


def note_sign_out(user: User) -> None:
    """Have the sockets of `user` look again, because one of his or her sessions has just ended."""
    with write_transaction():
        _raise_access_version(user)


def issue_ticket(identity: Identity) -> str:
    """Return the secret of a socket ticket, good once within TICKET_AGE, that stands for what `identity` came with."""
    secret = new_secret()
    now = timezone.now()
    with write_transaction():
        SocketTicket.objects.filter(expires_at__lt=now - settings.TICKET_AGE).delete()
        SocketTicket.objects.create(
            digest=digest(secret),
            user=identity.user,
            token_id=identity.credential.token_id,
            session_key=identity.credential.session_key,
            expires_at=now + settings.TICKET_AGE,
        )
    return secret


def suggest_nickname(nickname: str) -> str:
    """Return a free nickname like `nickname`: the same with a number."""
    base = nickname[: MAX_LENGTH - 5].rstrip()
    candidates = {nickname_key(name): name for number in range(2, 100) if (name := f"{base}{number}")}
    taken = set(User.objects.filter(nickname_key__in=candidates).values_list("nickname_key", flat=True))
    free = [name for key, name in candidates.items() if key not in taken]
    return free[0] if free else f"{base}{User.objects.order_by('-pk').values_list('pk', flat=True)[0] + 100}"


def announce_access(user_id: int) -> None:
    """Have every socket of a user look again whether it is still welcome."""
    publish(envelope(user_group(user_id), signal={"type": "access"}))


def _welcome(user: User) -> None:
    import_string(settings.WELCOME_NEWCOMER)(user)


def _valid_nickname(nickname: str) -> str:
    try:
        return clean_nickname(nickname)
    except ValidationError as error:
        raise _invalid("nickname", *error.messages) from None


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise _invalid("password", *error.messages) from None


def _invalid(field: str, *sentences: str) -> ChatError:
    return ChatError("invalid", sentences[0], 400, fields={field: list(sentences)})


def _set_nickname(user: User, nickname: str) -> None:
    user.set_nickname(_valid_nickname(nickname))


def _set_avatar(user: User, avatar: str) -> None:
    if avatar not in drawn_avatars():
        raise _invalid("avatar", _("There is no such avatar."))
    user.avatar = avatar


def _set_language(user: User, language: str) -> None:
    user.language = supported_language(language)
    if not user.language:
        raise _invalid("language", _("The site does not speak that language."))


def _set_password(user: User, password: str) -> None:
    _check_password(password, user)
    user.set_password(password)
    user.is_guest = False


_CHANGES: dict[str, Any] = {
    "nickname": _set_nickname,
    "avatar": _set_avatar,
    "language": _set_language,
    "password": _set_password,
}


def _end_access(user: User, keep: Credential | None = None) -> None:
    keep = keep or Credential()
    tokens = AccessToken.objects.filter(user=user, revoked_at=None).exclude(id=keep.token_id or 0)
    tokens.update(revoked_at=timezone.now())
    SocketTicket.objects.filter(user=user).delete()
    user.sessions.exclude(session_key=keep.session_key).delete()
    _raise_access_version(user)


def _set_active(user: User, *, is_active: bool) -> None:
    with write_transaction():
        User.objects.filter(pk=user.pk).update(is_active=is_active)
        _raise_access_version(user)


def _raise_access_version(user: User) -> None:
    User.objects.filter(pk=user.pk).update(access_version=F("access_version") + 1, access_changed_at=Now())
    transaction.on_commit(partial(announce_access, user.pk))


def _announce(user: User) -> None:
    event = {"type": "user.updated", "user": user_frame(user)}
    signal = {"type": "person", "person": list(person_of(user))}
    transaction.on_commit(partial(publish, envelope(SITE, [event], signal=signal)))

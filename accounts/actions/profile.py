"""What people change of their own accounts."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.actions.access import SITE, end_access
from accounts.actions.newcomers import NicknameTaken
from accounts.actions.validation import check_name, check_not_reserved, check_password, invalid, valid_nickname
from accounts.admission import check_sign_up
from accounts.avatars import drawn_avatars
from accounts.credentials import Credential
from accounts.errors import ChatError
from accounts.frames import person_of, user_frame
from accounts.languages import supported_language
from accounts.models import User
from accounts.sessions import keep_session
from database.transactions import write_transaction
from live.publisher import envelope, publish


def change_profile(user: User, changes: Mapping[str, str], keep: Credential | None = None) -> User:
    """Change any of `nickname`, `avatar`, `language`, `password` of `user` and tell everyone what they can see.

    Raises ChatError `invalid` with `fields`; NicknameTaken if that is why; `forbidden` for a guest's first password
    where accounts are not made. A new password ends every sign-in but `keep`.
    """
    try:
        with write_transaction():
            user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
            for field, value in changes.items():
                _CHANGES[field](user, value)
            user.save()
            if "password" in changes:
                end_access(user, keep)
                if keep and keep.session_key:
                    keep_session(keep.session_key, user.get_session_auth_hash())
            if changes.keys() & {"nickname", "avatar", "password"}:
                _announce(user)
    except IntegrityError:
        raise NicknameTaken(changes["nickname"]) from None
    return user


def set_picture(user: User, token: str) -> User:
    """Show the picture stored under `token` instead of the drawn avatar, or that again for "", and tell everyone."""
    with write_transaction():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        user.picture = token
        user.save(update_fields=["picture"])
        _announce(user)
    return user


def delete_account(user: User) -> None:
    """End one's own account. Raises ChatError `forbidden` for the only administrator, and for a bot."""
    if user.is_bot:
        raise ChatError("forbidden", _("A bot is its administrators' to end."), 403)
    others = User.objects.filter(is_superuser=True, is_active=True, is_former=False).exclude(pk=user.pk)
    if user.is_superuser and not others.exists():
        raise ChatError("forbidden", _("You are the only administrator: make somebody else one first."), 403)
    end_account(user)


def end_account(user: User) -> None:
    """Make `user` a former one: the nickname is free again, every sign-in ends, the messages stay."""
    with write_transaction():
        # Rooms before the person: a writer locks them in that order too.
        import_string(settings.SEE_OFF_FORMER)(user)
        user = User.objects.select_for_update().get(pk=user.pk)
        user.is_former = True
        user.nickname_key = None
        user.is_staff = user.is_superuser = False
        user.picture = ""
        user.set_unusable_password()
        user.save()
        end_access(user)
        _announce(user)


def _set_nickname(user: User, nickname: str) -> None:
    before = user.nickname_key
    user.set_nickname(valid_nickname(nickname))
    if user.nickname_key != before:
        check_not_reserved(user.nickname)
        check_name(user, user.nickname)


def _set_avatar(user: User, avatar: str) -> None:
    if avatar not in drawn_avatars():
        raise invalid("avatar", _("There is no such avatar."))
    user.avatar = avatar
    user.picture = ""


def _set_language(user: User, language: str) -> None:
    user.language = supported_language(language)
    if not user.language:
        raise invalid("language", _("The site does not speak that language."))


def _set_password(user: User, password: str) -> None:
    if user.is_bot:
        raise ChatError("forbidden", _("A bot comes in with its tokens, which administrators issue."), 403)
    if user.is_guest:
        check_sign_up(is_invited=import_string(settings.CAME_BY_INVITATION)(user))
    check_password(password, user)
    user.set_password(password)
    user.is_guest = False


_CHANGES: dict[str, Any] = {
    "nickname": _set_nickname,
    "avatar": _set_avatar,
    "language": _set_language,
    "password": _set_password,
}


def _announce(user: User) -> None:
    event = {"type": "user.updated", "user": user_frame(user)}
    signal = {"type": "person", "person": list(person_of(user))}
    transaction.on_commit(partial(publish, envelope(SITE, [event], signal=signal)))

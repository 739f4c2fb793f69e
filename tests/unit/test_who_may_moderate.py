"""Each cell of docs/permissions.md, "At the desk"."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from chat.actions.moderating import hide_messages
from chat.actions.posting import Posted
from chat.errors import ChatError
from chat.models import Attachment, Membership, Role, Room
from moderation.actions.access import sign_out_people
from moderation.actions.acts import undo_act
from moderation.actions.bans import ban_people
from moderation.actions.bots import create_bot, issue_bot_token, make_reset_links, revoke_bot_tokens
from moderation.actions.held import approve_held, refuse_held
from moderation.actions.messages import restore_messages, take_down_messages
from moderation.actions.mutes import mute_people
from moderation.actions.profiles import reset_profiles
from moderation.actions.raids import undo_raid
from moderation.actions.reports import close_case, report_message, report_person, take_case
from moderation.actions.rooms import change_rooms
from moderation.actions.staff import make_administrator, make_moderators, unmake_moderators
from moderation.inspection import get_attachment_at_desk
from moderation.models import Case, HeldMessage
from tests.table import DESK, Cell
from tests.unit.cast import Cast, draft_of, post, say


class Scene:
    """Who acts, and to whom it can be done."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.boss = self._staff("boss", is_superuser=True)
        self.targets = {
            "a person": cast.bob,
            "a moderator": self._staff("second"),
            "an administrator": self._staff("chief", is_superuser=True),
        }
        bare, moderator = self._staff("bare"), self._staff("moderator")
        bare.groups.add(Group.objects.create(name="Readers"))
        moderator.groups.add(Group.objects.get(name="Moderators"))
        self.actors = {
            "person": cast.ann,
            "without rights": User.objects.get(pk=bare.pk),
            "moderator": User.objects.get(pk=moderator.pk),
            "administrator": self.boss,
        }

    def _staff(self, nickname: str, **fields: Any) -> User:
        user = User(nickname=nickname, nickname_key=nickname, is_guest=False, is_staff=True, **fields)
        user.set_unusable_password()
        user.save()
        Membership.objects.create(room=self.cast.square, user=user, role=Role.MEMBER)
        return user

    def message_of(self, target: str) -> int:
        """Have the target say something; return the message's id."""
        return say(self.targets[target], self.cast.square).pk

    def case(self) -> int:
        """Return a case about bob."""
        report_person(self.cast.gus, self.cast.bob.pk, "spam")
        return Case.objects.get(person=self.cast.bob).pk

    def held(self) -> int:
        """Return a held message of bob's."""
        fields: Any = {"author": self.cast.bob, "room": self.cast.square, "ref": uuid.uuid4(), "body": "held"}
        return HeldMessage.objects.create(**fields).pk

    def file_of(self, room: Room | None = None) -> Attachment:
        """Return a file that bob sent into a room, or else to ann alone."""
        attachment = Attachment.objects.create(
            uploader=self.cast.bob, folder="2026-01-01", name="a.txt", kind="file", type="x", size=1, digest="0"
        )
        to = {} if room else {"to": self.cast.ann.pk}
        (posted,) = post(draft_of(self.cast.bob, room, "", attachments=[attachment.pk], **to))
        assert isinstance(posted, Posted), posted
        return Attachment.objects.get(pk=attachment.pk)

    def held_file(self) -> Attachment:
        """Return a file of a message that is held."""
        return Attachment.objects.create(
            uploader=self.cast.bob, folder="2026-01-01", name="a.txt", kind="file", type="x", size=1, is_held=True
        )

    def bot(self) -> int:
        """Return a bot."""
        return create_bot(self.boss, "robot")[0].pk


Act = Callable[[Scene, User, str], Any]


def _soon() -> Any:
    return timezone.now() + timedelta(hours=1)


def _look(actor: User, attachment: Attachment) -> Any:
    return get_attachment_at_desk(actor, attachment.pk, attachment.token)


def _taken_down(scene: Scene) -> Attachment:
    attachment = scene.file_of(scene.cast.den)
    hide_messages([attachment.message_id or 0], scene.boss, timezone.now())
    return attachment


def _reported(scene: Scene) -> Attachment:
    attachment = scene.file_of()
    report_message(scene.cast.ann, attachment.message_id or 0, "spam")
    return attachment


def _hidden(scene: Scene, target: str) -> list[int]:
    message = scene.message_of(target)
    hide_messages([message], scene.actors["moderator"], timezone.now())
    return [message]


ON_SOMEBODY: dict[str, Act] = {
    "ban {}": lambda scene, actor, target: ban_people(actor, [scene.targets[target].pk], "x"),
    "mute {} everywhere": lambda scene, actor, target: mute_people(actor, [scene.targets[target].pk], _soon()),
    "mute {} in a room": lambda scene, actor, target: mute_people(
        actor, [scene.targets[target].pk], _soon(), room_id=scene.cast.square.pk
    ),
    "take nickname and picture from {}": lambda scene, actor, target: reset_profiles(
        actor, [scene.targets[target].pk], "x", nickname=True, picture=True
    ),
    "sign {} out everywhere": lambda scene, actor, target: sign_out_people(actor, [scene.targets[target].pk]),
    "take down what {} wrote": lambda scene, actor, target: take_down_messages(actor, [scene.message_of(target)]),
    "restore what {} wrote": lambda scene, actor, target: restore_messages(actor, _hidden(scene, target)),
    "undo a raid of {}": lambda scene, actor, target: undo_raid(actor, [scene.targets[target].pk], "x"),
    "make a moderator of {}": lambda scene, actor, target: make_moderators(actor, [_fit(scene.targets[target]).pk]),
    "take moderation from {}": lambda scene, actor, target: unmake_moderators(actor, [scene.targets[target].pk]),
    "make an administrator of {}": lambda scene, actor, target: make_administrator(
        actor, _fit(scene.targets[target]).pk
    ),
    "make a password link for {}": lambda scene, actor, target: make_reset_links(actor, [scene.targets[target].pk]),
}
ON_SOMETHING: dict[str, Act] = {
    "take back a ban of a person": lambda scene, actor, _target: undo_act(
        actor, ban_people(scene.actors["moderator"], [scene.cast.bob.pk], "x").pk
    ),
    "take back an administrator's ban": lambda scene, actor, _target: undo_act(
        actor, ban_people(scene.boss, [scene.cast.bob.pk], "x").pk
    ),
    "lock a room": lambda scene, actor, _target: change_rooms(actor, [scene.cast.square.pk], "lock"),
    "archive a room": lambda scene, actor, _target: change_rooms(actor, [scene.cast.square.pk], "archive"),
    "take a report": lambda scene, actor, _target: take_case(actor, scene.case()),
    "close a report": lambda scene, actor, _target: close_case(actor, scene.case(), "acted"),
    "let a held message through": lambda scene, actor, _target: approve_held(actor, scene.held()),
    "refuse a held message": lambda scene, actor, _target: refuse_held(actor, scene.held()),
    "look at a file of a private room": lambda scene, actor, _target: _look(actor, scene.file_of(scene.cast.den)),
    "look at a file of what was taken down": lambda scene, actor, _target: _look(actor, _taken_down(scene)),
    "look at a file of a held message": lambda scene, actor, _target: _look(actor, scene.held_file()),
    "look at a file of a private chat": lambda scene, actor, _target: _look(actor, scene.file_of()),
    "look at a file of a private chat that was reported": lambda scene, actor, _target: _look(actor, _reported(scene)),
    "make a bot": lambda _scene, actor, _target: create_bot(actor, "a bot"),
    "issue a token": lambda scene, actor, _target: issue_bot_token(actor, scene.bot()),
    "revoke a bot's tokens": lambda scene, actor, _target: revoke_bot_tokens(actor, [scene.bot()]),
}


def _fit(user: User) -> User:
    User.objects.filter(pk=user.pk).update(is_guest=False)
    return user


def act_of(action: str) -> tuple[Act, str]:
    """Return what an action of the table does, and to whom."""
    if action in ON_SOMETHING:
        return ON_SOMETHING[action], ""
    for target in ("a person", "a moderator", "an administrator"):
        for name, act in ON_SOMEBODY.items():
            if name.format(target) == action:
                return act, target
    raise KeyError(action)


@pytest.mark.parametrize("cell", DESK, ids=lambda cell: cell.name)
def test_who_may_do_what_at_the_desk(cast: Cast, cell: Cell) -> None:
    scene = Scene(cast)
    act, target = act_of(cell.action)
    outcome = "ok"
    try:
        act(scene, scene.actors[cell.who], target)
    except ChatError as refused:
        outcome = refused.code
    assert outcome == cell.outcome

"""What is done to a message that stands: each act takes the room's next change number."""

from collections.abc import Callable
from typing import NamedTuple

import emoji as emoji_names
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.actions.announce import announce_message
from chat.actions.drafts import rooms_named
from chat.actions.notices import tell_taken_down
from chat.actions.versions import keep_version
from chat.errors import Forbidden, Invalid, NotFound
from chat.frames import MESSAGE_FIELDS, REMOVERS, MessageRow, message_frames, rank_of, remover_of
from chat.markup import mention_candidates, render
from chat.models import Attachment, Membership, Mention, Message, MessageKind, Reaction, Room
from chat.models.reaction import MAX_KINDS
from chat.permissions import check_can_write, get_membership_for, get_message_for, role_of
from chat.standing import can, holds_right, standing, standing_to
from chat.texts import clean_body, excerpt
from database.transactions import write_transaction


class Changed(NamedTuple):
    """Where a message stands after an act on it; `change` is the old one where nothing was left to do."""

    id: int
    room: int
    change: int


class _Act(NamedTuple):
    user_id: int
    message: Message
    membership: Membership
    log: list[tuple[Verb, str]]

    @property
    def is_author(self) -> bool:
        return self.message.author_id == self.user_id

    def has(self, ability: str) -> bool:
        """Tell whether who acts has one of the room's abilities."""
        return can(self.membership.user, self.message.room, self.membership.role, ability)

    def stands_above_author(self) -> bool:
        """Tell whether who takes the message down stands above its author in this room."""
        message, room = self.message, self.message.room
        rank = standing_to("take_down", self.membership.user, room, self.membership.role)
        return rank is not None and rank > standing(message.author, room, role_of(message.author_id, room.pk))

    def may_overrule(self) -> bool:
        """Tell whether who acts may bring back what another wrote: not against somebody above."""
        if self.is_author or not self.has("take_down"):
            return False
        remover = remover_of(self.message.author_id, self.message.deleted_by)
        user = self.membership.user
        # Who looks after the site without this right is here what he or she is in the room.
        rank = rank_of(user) if user.is_superuser or holds_right(user, "take_down") else "moderator"
        return REMOVERS.index(remover) <= REMOVERS.index(rank)

    def note(self, verb: Verb, reason: str = "") -> None:
        """Have the log say what was done to what another wrote, and why, once it is done."""
        if not self.is_author:
            self.log.append((verb, reason))


def edit_message(user_id: int, message_id: int, body: str) -> Changed:
    """Give one's own message another text. Raises Invalid, NotFound, Forbidden, Muted or ReadOnly."""
    cleaned = clean_body(body, may_be_empty=Attachment.objects.filter(message=message_id).exists())

    def edit(act: _Act) -> bool:
        if not act.is_author or act.message.kind == MessageKind.SYSTEM:
            raise Forbidden(_("Only the author edits a message."))
        _refuse_deleted(act.message)
        check_can_write(act.membership)
        if act.message.body == cleaned:
            return False
        import_string(settings.SCREEN_EDIT)(act.membership.user, act.message, cleaned)
        _set_body(act, cleaned)
        return True

    return _change(user_id, message_id, edit)


def delete_message(user_id: int, message_id: int, reason: str = "") -> Changed:
    """Take down a message: one's own, or as a moderator of its room, who may say why. It can be restored."""

    def delete(act: _Act) -> bool:
        if not (act.is_author or act.has("take_down")):
            raise Forbidden(_("Only the author or a moderator deletes a message."))
        if not (act.is_author or act.stands_above_author()):
            raise Forbidden(_("That is not for you to decide about this person."))
        if act.message.deleted_at:
            return False
        act.message.deleted_at = timezone.now()
        act.message.deleted_by_id = user_id
        act.note(Verb.TAKE_DOWN, reason)
        if not act.is_author:
            tell_taken_down(act.message.author, act.message.room, [message_id], reason)
        Mention.objects.filter(message=act.message).update(is_deleted=True)
        return True

    return _change(user_id, message_id, delete, "message.deleted")


def restore_message(user_id: int, message_id: int) -> Changed:
    """Bring back a message: what one has deleted oneself, or as a moderator."""

    def restore(act: _Act) -> bool:
        if not act.message.deleted_at:
            return False
        if act.message.is_purged:
            raise NotFound
        if not ((act.is_author and act.message.deleted_by_id == user_id) or act.may_overrule()):
            raise Forbidden(_("Only who deleted a message, or a moderator, restores it."))
        check_can_write(act.membership)
        import_string(settings.CHECK_RESTORE)(act.message)
        if act.is_author:
            # There may be a filter for that by now.
            import_string(settings.SCREEN_EDIT)(act.membership.user, act.message, act.message.body)
        act.message.deleted_at = act.message.deleted_by_id = None
        act.note(Verb.RESTORE)
        Mention.objects.filter(message=act.message).update(is_deleted=False)
        return True

    return _change(user_id, message_id, restore, restored=True)


def pin_message(user_id: int, message_id: int) -> Changed:
    """Pin a message in its room; whoever may write there may."""

    def pin(act: _Act) -> bool:
        _refuse_deleted(act.message)
        check_can_write(act.membership)
        if act.message.pinned_at:
            return False
        act.message.pinned_at = timezone.now()
        return True

    return _change(user_id, message_id, pin)


def unpin_message(user_id: int, message_id: int) -> Changed:
    """Take a pin off; whoever may write there may."""

    def unpin(act: _Act) -> bool:
        _refuse_deleted(act.message)
        check_can_write(act.membership)
        if not act.message.pinned_at:
            return False
        act.message.pinned_at = None
        return True

    return _change(user_id, message_id, unpin)


def react_to_message(user_id: int, message_id: int, emoji: str) -> Changed:
    """Put one emoji under a message; at most 20 kinds a message. Raises Invalid for what is not one emoji."""
    if not emoji_names.is_emoji(emoji):
        raise Invalid(_("A reaction is one emoji."), "emoji")

    def react(act: _Act) -> bool:
        _refuse_deleted(act.message)
        check_can_write(act.membership)
        reactions = Reaction.objects.filter(message=act.message)
        own = reactions.filter(user_id=user_id, emoji=emoji)
        for is_hidden in own.values_list("is_hidden", flat=True):
            return is_hidden and bool(own.update(is_hidden=False))
        kinds = set(reactions.filter(is_hidden=False).values_list("emoji", flat=True).distinct())
        if emoji not in kinds and len(kinds) >= MAX_KINDS:
            raise Invalid(_("A message takes at most 20 kinds of reaction."), "emoji")
        Reaction.objects.create(message=act.message, user_id=user_id, emoji=emoji)
        return True

    return _change(user_id, message_id, react)


def unreact_to_message(user_id: int, message_id: int, emoji: str) -> Changed:
    """Take one's own emoji away from under a message."""

    def unreact(act: _Act) -> bool:
        _refuse_deleted(act.message)
        return bool(Reaction.objects.filter(message=act.message, user_id=user_id, emoji=emoji).delete()[0])

    return _change(user_id, message_id, unreact)


def _change(
    user_id: int, message_id: int, apply: Callable[[_Act], bool], event: str = "message.updated", **said: bool
) -> Changed:
    """Have `apply` alter a message under its room's lock; number and announce that if it returns True."""
    with write_transaction():
        room_id = get_message_for(user_id, message_id).room_id
        room = Room.objects.select_for_update(no_key=True).get(pk=room_id)
        message = Message.objects.get(pk=message_id)
        message.room = room
        membership = get_membership_for(user_id, room_id)
        act = _Act(user_id, message, membership, [])
        if apply(act):
            room.last_change += 1
            message.change = room.last_change
            message.save()
            Room.objects.filter(pk=room_id).update(last_change=room.last_change, touched_at=Now())
            row = MessageRow(*Message.objects.values_list(*MESSAGE_FIELDS).get(pk=message_id))
            announce_message(room, message_frames([row])[0], event, **said)
            for verb, reason in act.log:
                record(membership.user, verb, message, reason, label=excerpt(message.body), room=room_id)
        return Changed(message.pk, room_id, message.change)


def _refuse_deleted(message: Message) -> None:
    if message.deleted_at:
        raise NotFound


def _set_body(act: _Act, body: str) -> None:
    message = act.message
    users = User.objects.filter(nickname_key__in=mention_candidates(body), is_former=False)
    members = users.filter(memberships__room=message.room)
    people = {key: pk for key, pk in members.values_list("nickname_key", "pk") if key}
    rendered = render(body, people, rooms_named([body]), may_mention_all=act.has("speak"))
    now = timezone.now()
    keep_version(message, now)
    message.body, message.html, message.edited_at = body, rendered.html, now
    message.mentions_all = rendered.mentions_all
    Mention.objects.filter(message=message).delete()
    users_named: list[int | None] = [*rendered.mentions, *([None] if rendered.mentions_all else [])]
    Mention.objects.bulk_create(
        [Mention(message=message, user_id=user, room=message.room, seq=message.seq) for user in users_named]
    )

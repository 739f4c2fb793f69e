"""Messages are posted: many at once, one transaction, numbered under their rooms' locks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.frames import person_frame
from accounts.models import User
from chat.actions import statements
from chat.actions.announce import announce_opened, messages_envelopes
from chat.actions.direct import open_direct_rooms
from chat.actions.drafts import Draft, clean_draft, render_drafts
from chat.actions.statements import Author, LockedRoom, Member, Upload
from chat.errors import ChatError, Forbidden, Invalid, NotFound, SlowMode
from chat.frames import Frame, MessageRow, Surroundings, attachment_frame, message_event, message_frame, reply_frames
from chat.markup import Rendered
from chat.models import Membership, Mention, Message, MessageKind, Role, Room, RoomKind
from chat.permissions import blocks_among, refusal_to_meet, refusal_to_write
from chat.room_frames import room_frame_for
from chat.standing import holds_right
from database.transactions import write_transaction
from live.publisher import publish

__all__ = ["Draft", "Posted", "Result", "post_messages"]


class Posted(NamedTuple):
    """Where a draft came to stand."""

    id: int
    room: int
    seq: int
    change: int
    created_at: datetime
    duplicate: bool


Result = Posted | ChatError
_Key = tuple[int, UUID]


def post_messages(drafts: Sequence[Draft]) -> list[Result]:
    """Store `drafts` in their order and announce them; return for each where it stands, or why it was refused.

    A draft whose author and ref are known already, here or in the database, gets the first one's place, before any
    other check. Raises IntegrityError or DataError if one of several drafts spoils the batch (try them one by one),
    OperationalError if the database does not answer.
    """
    refusals = [clean_draft(draft) for draft in drafts]
    sound = [index for index, refusal in enumerate(refusals) if refusal is None]
    for place, refusal in import_string(settings.SCREEN_DRAFTS)([drafts[index] for index in sound]).items():
        refusals[sound[place]] = refusal
    render_drafts(draft for draft, refusal in zip(drafts, refusals, strict=True) if refusal is None)
    with write_transaction():
        return _Batch(drafts, refusals).post()


class _Batch:
    """One transaction's worth of drafts, with why some of them cannot be posted anyway."""

    def __init__(self, drafts: Sequence[Draft], refusals: Sequence[ChatError | None]) -> None:
        self.drafts = drafts
        self.refusals = refusals
        self.rows: list[MessageRow] = []
        self.rendered: list[Rendered] = []
        self.opened: dict[int, Room] = {}
        self.known: dict[_Key, Posted] = {}
        self.rooms: dict[int, LockedRoom] = {}
        self.blocks: set[tuple[int, int]] = set()
        self.uploads: dict[int, Upload] = {}
        self.attached: dict[_Key, list[int]] = {}
        self.now: datetime | None = None
        self.speakers: dict[int, bool] = {}

    def post(self) -> list[Result]:
        self.known = self._find_repeats()
        new = [
            draft
            for draft, refusal in zip(self.drafts, self.refusals, strict=True)
            if refusal is None and draft.key not in self.known
        ]
        if new:
            self.opened = {room.pk: room for room in open_direct_rooms(new)}
            self._look_up(new)
        outcomes = self._place()
        if self.rows:
            self._store()
            self._show_private_chats()
            self._announce()
        if self.opened:
            Room.objects.filter(pk__in=self.opened.keys() - {row.room_id for row in self.rows}).delete()
        return self._results(outcomes)

    def _find_repeats(self) -> dict[_Key, Posted]:
        places = statements.find_places({draft.key for draft in self.drafts})
        return {(place.author_id, place.ref): Posted(*place[2:], duplicate=True) for place in places}

    def _look_up(self, drafts: Sequence[Draft]) -> None:
        room_ids = {draft.room for draft in drafts if draft.room}
        author_ids = {draft.author_id for draft in drafts}
        self.rooms = statements.lock_rooms(room_ids)
        self.authors = statements.find_authors(author_ids)
        self.members = statements.find_members({(draft.room, draft.author_id) for draft in drafts if draft.room})
        direct = [room.id for room in self.rooms.values() if room.kind == RoomKind.DIRECT]
        if direct:
            self.members |= statements.find_members(
                {(room_id, user_id) for room_id in direct for user_id in _people_of([self.rooms[room_id]])}
            )
            self.blocks = blocks_among(_people_of(self.rooms[room_id] for room_id in direct))
        if any(room.slow_mode for room in self.rooms.values()):
            self.now = statements.current_time()
        named = {upload for draft in drafts for upload in draft.attachments}
        if named:
            self.uploads = statements.lock_uploads(named)
        quoted = {draft.reply_to for draft in drafts if draft.reply_to}
        self.reply_rooms = dict(Message.objects.filter(pk__in=quoted).values_list("pk", "room_id")) if quoted else {}

    def _place(self) -> list[ChatError | _Key]:
        """Give numbers to what may be posted; return for each draft why it may not, or under which key it stands."""
        outcomes: list[ChatError | _Key] = []
        placed: set[_Key] = set()
        for draft, refusal in zip(self.drafts, self.refusals, strict=True):
            if draft.key in self.known or draft.key in placed:
                outcomes.append(draft.key)
                continue
            room = self.rooms.get(draft.room or 0)
            refused = refusal or self._refusal(draft, room)
            if refused is None and room is not None:
                placed.add(draft.key)
                self._note_time(draft, room)
                self._take_uploads(draft)
                self.rows.append(_next_row(draft, room))
                self.rendered.append(draft.rendered or Rendered())
            outcomes.append(refused or draft.key)
        return outcomes

    def _refusal(self, draft: Draft, room: LockedRoom | None) -> ChatError | None:
        author = self.authors.get(draft.author_id)
        if draft.to == draft.author_id:
            return Invalid(_("A private chat needs somebody else."), "to")
        if room is None or author is None or not author.is_active or author.person.is_former:
            return NotFound()
        member = self.members.get((room.id, draft.author_id))
        if member is None:
            return Forbidden(_("Join the room first.")) if room.kind == RoomKind.PUBLIC else NotFound()
        is_missing = draft.reply_to and self.reply_rooms.get(draft.reply_to) != room.id
        if is_missing or not all(self._may_attach(draft, upload) for upload in draft.attachments):
            return NotFound()
        is_moderator = member.role != Role.MEMBER or self._speaks_by_right(author, room)
        refusal = refusal_to_write(
            is_moderator=is_moderator,
            is_read_only=room.is_read_only,
            is_archived=room.is_archived,
            muted_until=(member.muted_until, author.muted_until),
        )
        if refusal is None and room.kind == RoomKind.DIRECT:
            (other,) = _people_of([room]) - {draft.author_id}
            return refusal_to_meet(draft.author_id, other, self.blocks)
        return refusal or (None if is_moderator else self._refusal_of_haste(room, member))

    def _speaks_by_right(self, author: Author, room: LockedRoom) -> bool:
        """Tell whether a moderator of the site writes as the room's own do; looked up only where it matters."""
        if not author.is_staff or room.kind != RoomKind.PUBLIC or not (room.is_read_only or room.slow_mode):
            return False
        user_id = author.person.id
        if user_id not in self.speakers:
            self.speakers[user_id] = holds_right(User.objects.get(pk=user_id), "speak")
        return self.speakers[user_id]

    def _refusal_of_haste(self, room: LockedRoom, member: Member) -> ChatError | None:
        if not room.slow_mode or self.now is None or member.wrote_at is None:
            return None
        wait = room.slow_mode - (self.now - member.wrote_at).total_seconds()
        return SlowMode(wait) if wait > 0 else None

    def _may_attach(self, draft: Draft, upload_id: int) -> bool:
        """Tell whether a draft's author uploaded this, and no other message has it, or waits to have it."""
        upload = self.uploads.get(upload_id)
        if upload is None or upload.uploader_id != draft.author_id or upload.message_id is not None:
            return False
        return draft.is_approved or not upload.is_held

    def _take_uploads(self, draft: Draft) -> None:
        """Let no further draft of this batch have what this one attaches."""
        if draft.attachments:
            self.attached[draft.key] = draft.attachments
            for upload_id in draft.attachments:
                self.uploads[upload_id] = self.uploads[upload_id]._replace(message_id=0)

    def _note_time(self, draft: Draft, room: LockedRoom) -> None:
        """Have the next draft of this batch find when its author last wrote in a slow room."""
        if self.now is not None and room.slow_mode:
            key = room.id, draft.author_id
            self.members[key] = self.members[key]._replace(wrote_at=self.now)

    def _store(self) -> None:
        self.rows = statements.insert_messages(self.rows)
        mentions = [mention for row, rendered in self._placed() for mention in _mentions(row, rendered)]
        if mentions:
            Mention.objects.bulk_create(mentions)
        if self.attached:
            statements.attach([
                (row, self.attached[key]) for row in self.rows if (key := (row.author_id, row.ref)) in self.attached
            ])  # fmt: skip
        touched = {row.room_id for row in self.rows}
        statements.advance_rooms([self.rooms[room_id] for room_id in sorted(touched)])
        statements.advance_marks({self.members[row.room_id, row.author_id].id: row.seq for row in self.rows})
        followed = {draft.key: draft.on_stored for draft in self.drafts if draft.on_stored}
        for row in self.rows if followed else ():
            if follow := followed.get((row.author_id, row.ref)):
                transaction.on_commit(partial(follow, row.id))

    def _placed(self) -> "zip[tuple[MessageRow, Rendered]]":
        return zip(self.rows, self.rendered, strict=True)

    def _results(self, outcomes: Sequence[ChatError | _Key]) -> list[Result]:
        places = {
            (row.author_id, row.ref): Posted(row.id, row.room_id, row.seq, row.change, row.created_at, duplicate=False)
            for row in self.rows
        }
        results: list[Result] = []
        for outcome in outcomes:
            if isinstance(outcome, ChatError):
                results.append(outcome)
            elif outcome in self.known:
                results.append(self.known[outcome])
            else:
                results.append(places[outcome])
                self.known[outcome] = places[outcome]._replace(duplicate=True)
        return results

    def _show_private_chats(self) -> None:
        """Bring back private chats that were hidden, and introduce new ones, before their first message."""
        active = {row.room_id for row in self.rows}
        hidden = {key for key, member in self.members.items() if member.is_hidden and key[0] in active}
        new = {key for key in self.members if key[0] in self.opened and key[0] in active}
        for room_id, user_id in hidden:
            Membership.objects.filter(room_id=room_id, user_id=user_id).update(is_hidden=False)
        for room_id, user_id in hidden | new:
            frame = room_frame_for(User.objects.get(pk=user_id), Room.objects.get(pk=room_id))
            announce_opened(user_id, self._as_before(frame, room_id, user_id))

    def _as_before(self, frame: Frame, room_id: int, user_id: int) -> Frame:
        """Return ROOM as it was before the messages of this transaction, which follow as events."""
        added = [(row, rendered) for row, rendered in self._placed() if row.room_id == room_id]
        first = added[0][0]
        named = sum(user_id in rendered.mentions and row.author_id != user_id for row, rendered in added)
        return frame | {
            "head": {"seq": first.seq - 1, "change": first.change - 1},
            "read_seq": min(frame["read_seq"], first.seq - 1),
            "unread": max(0, frame["unread"] - len(added)),
            "mentions": max(0, frame["mentions"] - named),
        }

    def _announce(self) -> None:
        around = Surroundings(
            people={user_id: person_frame(author.person) for user_id, author in self.authors.items()},
            replies=reply_frames(self.rows),
            reactions={},
            mentions={row.id: list(rendered.mentions) for row, rendered in self._placed()},
            attachments={row.id: self._attachments(row) for row in self.rows if self.attached},
            removers={},
        )
        events: dict[int, list[dict[str, Any]]] = {}
        for row in self.rows:
            event = message_event(message_frame(row, around), "message.created")
            events.setdefault(row.room_id, []).append(event)
        envelopes = [
            item
            for room_id, of_room in events.items()
            for item in messages_envelopes(
                room_id=room_id,
                kind=self.rooms[room_id].kind,
                direct_key=self.rooms[room_id].direct_key,
                members_version=self.rooms[room_id].members_version,
                events=of_room,
            )
        ]
        transaction.on_commit(partial(publish, *envelopes))

    def _attachments(self, row: MessageRow) -> list[Frame]:
        named = self.attached.get((row.author_id, row.ref), ())
        return [attachment_frame(self.uploads[upload_id].row) for upload_id in named]


def _people_of(direct: Iterable[LockedRoom]) -> set[int]:
    """Return the ids of the people of private chats."""
    return {int(user_id) for room in direct if room.direct_key for user_id in room.direct_key.split(":")}


def _next_row(draft: Draft, room: LockedRoom) -> MessageRow:
    """Take the room's next numbers for a draft."""
    room.last_seq += 1
    room.last_change += 1
    rendered = draft.rendered or Rendered()
    return MessageRow(
        id=0,
        room_id=room.id,
        seq=room.last_seq,
        change=room.last_change,
        kind=(MessageKind.ACTION if draft.is_action else MessageKind.TEXT).value,
        author_id=draft.author_id,
        body=draft.body,
        html=rendered.html,
        ref=draft.ref,
        reply_to_id=draft.reply_to,
        mentions_all=rendered.mentions_all,
        created_at=timezone.now(),
        edited_at=None,
        deleted_at=None,
        pinned_at=None,
    )


def _mentions(row: MessageRow, rendered: Rendered) -> list[Mention]:
    users: list[int | None] = list(rendered.mentions)
    if rendered.mentions_all:
        users.append(None)
    return [Mention(message_id=row.id, user_id=user, room_id=row.room_id, seq=row.seq) for user in users]

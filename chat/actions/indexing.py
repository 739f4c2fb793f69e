"""Messages come into the search index, some at a time, after they were stored."""

from datetime import timedelta

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now

from chat.models import Attachment, IndexedRoom, MessageKind, Room
from chat.search_index import Entry, store
from database.transactions import write_transaction

BATCH = 200
RECENT = timedelta(minutes=2)


def index_some(*, everywhere: bool) -> int:
    """Index up to 200 changes that are not in the index yet, of one room; return how many were looked at.

    Only of rooms that changed within two minutes, unless `everywhere`.
    """
    behind = Room.objects.filter(last_change__gt=0).filter(Q(indexed=None) | Q(indexed__change__lt=F("last_change")))
    if not everywhere:
        behind = behind.filter(touched_at__gt=Now() - RECENT)
    room_id = behind.order_by("-touched_at").values_list("pk", flat=True).first()
    return _index_room(room_id) if room_id is not None else 0


def _index_room(room_id: int) -> int:
    IndexedRoom.objects.get_or_create(room_id=room_id)
    with write_transaction():
        rows = IndexedRoom.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        indexed = rows.filter(room=room_id).first()
        if indexed is None:
            # Another process is at it.
            return 0
        head = Room.objects.values_list("last_change", flat=True).get(pk=room_id)
        columns = ("pk", "author_id", "body", "html", "kind", "deleted_at", "change")
        changed = indexed.room.messages.filter(change__gt=indexed.change, change__lte=head)
        found = list(changed.order_by("change").values_list(*columns)[:BATCH])
        files = _files([row[0] for row in found])
        entries = [
            Entry(pk, room_id, author_id, body, html, files.get(pk, ()))
            for pk, author_id, body, html, kind, deleted_at, _change in found
            if kind != MessageKind.SYSTEM and deleted_at is None
        ]
        kept = {entry.id for entry in entries}
        store(entries, [row[0] for row in found if row[0] not in kept])
        indexed.change = found[-1][-1] if len(found) == BATCH else head
        indexed.save(update_fields=["change"])
    return max(1, len(found))


def _files(message_ids: list[int]) -> dict[int, list[tuple[str, str]]]:
    """Return kind and name of the files of messages, by message."""
    files: dict[int, list[tuple[str, str]]] = {}
    attached = Attachment.objects.filter(message__in=message_ids).order_by("position")
    for message_id, kind, name in attached.values_list("message_id", "kind", "name"):
        files.setdefault(message_id or 0, []).append((kind, name))
    return files

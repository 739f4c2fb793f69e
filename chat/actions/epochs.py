"""Which history the database is in (PROTOCOL, "epoch" and rule 7)."""

import json
import logging
import os
import uuid
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum

from accounts.actions import SITE
from chat.models import Room, Site
from database.transactions import write_transaction
from live.publisher import envelope, publish

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HighWater:
    """How far a database had come: the times a server was started on it, and all changes of all rooms together."""

    boots: int = 0
    changes: int = 0


def start_new_epoch() -> str:
    """Give the database another epoch, have all sockets closed, and return it."""
    epoch = str(uuid.uuid4())
    with write_transaction():
        Site.objects.filter(pk=1).update(epoch=epoch)
        transaction.on_commit(partial(publish, envelope(SITE, signal={"type": "epoch", "epoch": epoch})))
    logger.warning("The database has a new epoch: clients start over")
    return epoch


def note_boot() -> str:
    """Count a start of the server and return the epoch: a new one if the database is behind the note beside it."""
    noted, stored = _read_note(), _high_water()
    if stored.boots < noted.boots or stored.changes < noted.changes:
        logger.warning("The database is older than the last one used here: %s, was %s", stored, noted)
        start_new_epoch()
        # The counter goes on above both, so that the next restoring is noticed too.
        Site.objects.filter(pk=1).update(boots=noted.boots)
    with write_transaction():
        Site.objects.filter(pk=1).update(boots=F("boots") + 1)
    note_high_water()
    return str(Site.objects.get(pk=1).epoch)


def note_high_water() -> None:
    """Note beside the database how far it has come; it may be restored from a copy that knows nothing of today."""
    path = _path()
    new = path.with_suffix(f".{os.getpid()}.new")
    new.write_text(json.dumps(asdict(_high_water())))
    new.replace(path)


def _high_water() -> HighWater:
    changes = Room.objects.aggregate(total=Sum("last_change"))["total"] or 0
    return HighWater(Site.objects.get(pk=1).boots, changes)


def _read_note() -> HighWater:
    try:
        noted = json.loads(_path().read_text())
        return HighWater(int(noted["boots"]), int(noted["changes"]))
    except FileNotFoundError:
        return HighWater()
    except (ValueError, KeyError, TypeError):
        logger.warning("%s cannot be read and is written anew", _path())
        return HighWater()


def _path() -> Path:
    return Path(settings.DATA) / "history.json"

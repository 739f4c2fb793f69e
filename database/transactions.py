"""Write transactions."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from django.db import connection, transaction

# SQLite lets one writer in at a time and has the others poll, unfairly; within a process a lock is fair and instant.
_sqlite_lock = threading.RLock()


@contextmanager
def write_transaction() -> Iterator[None]:
    """Run the block in a transaction that may write; within one already under way, in a savepoint of it."""
    with _write_lock(), transaction.atomic():
        yield


def _write_lock() -> AbstractContextManager[object]:
    return _sqlite_lock if connection.vendor == "sqlite" else nullcontext()

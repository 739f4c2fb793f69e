"""Which processes of the site are alive."""

from datetime import timedelta

from django.db.models.functions import Now

from chat.models import ServerProcess
from database.transactions import write_transaction

LEASE = timedelta(seconds=15)


def renew_lease(process_id: str, roster: int) -> dict[str, int]:
    """Renew the lease of a process, whose last change to who is online at it has the number `roster`.

    Returns the numbers of all other processes with a lease, by id, and forgets those whose lease ran out.
    """
    with write_transaction():
        ServerProcess.objects.update_or_create(
            id=process_id, defaults={"roster": roster, "renewed_at": Now()}, create_defaults={"roster": roster}
        )
        ServerProcess.objects.filter(renewed_at__lt=Now() - LEASE).delete()
    return dict(ServerProcess.objects.exclude(id=process_id).values_list("id", "roster"))


def end_lease(process_id: str) -> None:
    """End the lease of a process that stops."""
    ServerProcess.objects.filter(id=process_id).delete()

from django.db import models
from django.db.models.functions import Now


class ServerProcess(models.Model):
    """The lease of a process of a site that has several: it counts as alive until 15 s after `renewed_at`.

    In the database and by its clock, so that neither a lost Redis nor a wrong clock takes anybody's people away.
    """

    id = models.CharField(primary_key=True, max_length=32)
    roster = models.PositiveBigIntegerField(default=0)
    """The number of the last change to who is online at it."""
    renewed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.id

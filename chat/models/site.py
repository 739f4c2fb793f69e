import uuid

from django.db import models


class Site(models.Model):
    """The one row that says which history this database is (PROTOCOL, "epoch" and rule 7)."""

    epoch = models.UUIDField(default=uuid.uuid4)
    boots = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.epoch)

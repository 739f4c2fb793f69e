from django.conf import settings
from django.db import models
from django.utils import timezone


class Block(models.Model):
    """Someone wants nothing to do with somebody else."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocks", db_index=False)
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "blocked"], name="one_block")]

    def __str__(self) -> str:
        return f"{self.user_id} blocks {self.blocked_id}"

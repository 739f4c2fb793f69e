"""Files are taken in, and taken back while no message has them."""

import hashlib
import logging
import shutil
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.pictures import decoder
from chat.actions.drafts import MAX_ATTACHMENTS
from chat.errors import ChatError, Invalid, NotFound, Unavailable
from chat.models import Attachment
from chat.models.attachment import new_token
from chat.uploads import store
from chat.uploads.images import MAX_PIXELS, Encoded, TooManyPixels, Unreadable, encode
from chat.uploads.kinds import Kind, kind_of
from chat.uploads.names import clean_name
from database.transactions import write_transaction

logger = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024


class FileTooLarge(ChatError):
    """A file has more bytes than one may have, or than its uploader has left."""

    def __init__(self, sentence: str) -> None:
        super().__init__("too_large", sentence, 413, fields={"file": [sentence]})


def store_upload(user: User, file: "File[Any]", ref: UUID | None = None) -> tuple[Attachment, bool]:
    """Take in an uploaded file; return it, and whether it is new: the same `ref` of the same person is the same file.

    Pictures are encoded anew. Raises FileTooLarge; Invalid for an empty file or a picture that cannot be read;
    RateLimited where too many pictures wait; Unavailable where the disk is full. Outside a transaction.
    """
    if ref is not None and (known := Attachment.objects.filter(uploader=user, ref=ref).first()):
        return known, False
    check_size(file.size)
    if not file.size:
        raise Invalid(_("This file is empty."), "file")
    _check_quota(user, file.size)
    check_disk(file.size)
    # What follows may wait and take a while, and needs no database.
    if not connection.in_atomic_block:
        connection.close()
    attachment, content, thumb = _prepared(user, file, ref)
    store.save(attachment.folder, attachment.token, content, thumb)
    try:
        with write_transaction():
            # Of two that come at once the second finds what the first has used up.
            User.objects.select_for_update(no_key=True).get(pk=user.pk, is_former=False)
            _check_quota(user, attachment.size + attachment.thumb_size)
            attachment.save(force_insert=True)
    except BaseException as error:
        store.remove(attachment.folder, attachment.token)
        if isinstance(error, IntegrityError) and (known := Attachment.objects.filter(uploader=user, ref=ref).first()):
            return known, False
        raise
    return attachment, True


def take_back_upload(user: User, attachment_id: int) -> None:
    """Remove a file of one's own that no message has. Raises NotFound."""
    with write_transaction():
        own = Attachment.objects.select_for_update().filter(pk=attachment_id, uploader=user)
        if not remove_attachments(own.filter(message=None, is_held=False)):
            raise NotFound


def remove_attachments(attachments: Any) -> int:
    """Remove the attachments of a query for good, and their files after the commit; return how many.

    Within a transaction; the query should lock its rows.
    """
    rows = list(attachments.values_list("pk", "folder", "token"))
    Attachment.objects.filter(pk__in=[pk for pk, _folder, _token in rows]).delete()
    for _pk, folder, token in rows:
        transaction.on_commit(partial(_remove_file, folder, token))
    return len(rows)


def limits_of(user: User) -> dict[str, int]:
    """Return what somebody may upload, and has, in bytes; and how many files a message takes."""
    return {
        "max_bytes": settings.UPLOAD_BYTES,
        "quota_bytes": quota_of(user),
        "used_bytes": used_by(user),
        "per_message": MAX_ATTACHMENTS,
    }


def quota_of(user: User) -> int:
    """Return how many bytes all files of somebody may have together."""
    return settings.UPLOAD_GUEST_QUOTA if user.is_guest else settings.UPLOAD_QUOTA


def used_by(user: User) -> int:
    """Return how many bytes the files of somebody have, deleted ones too until they are destroyed."""
    total = Attachment.objects.filter(uploader=user).aggregate(total=Sum(F("size") + F("thumb_size")))["total"]
    return int(total or 0)


def check_size(size: int) -> None:
    """Raise FileTooLarge for more bytes than a file may have."""
    if size > settings.UPLOAD_BYTES:
        raise FileTooLarge(_("A file has at most %(limit)s MB.") % {"limit": f"{settings.UPLOAD_BYTES / MEGABYTE:g}"})


def check_disk(size: int) -> None:
    """Raise Unavailable if the disk would be too full with `size` bytes more. Other storages see to that themselves."""
    try:
        folder = Path(default_storage.path(""))
    except NotImplementedError:
        return
    while not folder.exists():
        folder = folder.parent
    if shutil.disk_usage(folder).free - size < settings.UPLOAD_FREE_DISK:
        logger.error("A file was refused: less than CHATSITE_UPLOAD_FREE_DISK_MB would be free at %s", folder)
        raise Unavailable


def _check_quota(user: User, size: int) -> None:
    if used_by(user) + size > quota_of(user):
        limit = f"{quota_of(user) / MEGABYTE:g}"
        raise FileTooLarge(_("Your files may have %(limit)s MB together. Delete some first.") % {"limit": limit})


def _prepared(user: User, file: "File[Any]", ref: UUID | None) -> "tuple[Attachment, File[Any], File[Any] | None]":
    """Return a file as it will be stored: its row, its content, and a small picture of it if there is one."""
    source: IO[bytes] = file.file  # type: ignore[assignment]  # an upload has one
    kind = kind_of(source)
    content: File[Any] = file
    thumb: File[Any] | None = None
    attachment = Attachment(uploader=user, ref=ref, token=new_token(), folder=f"{timezone.now():%Y-%m-%d}")
    if kind.picture:
        encoded = _encoded(source, kind)
        content = ContentFile(encoded.content)
        thumb = ContentFile(encoded.thumb) if encoded.thumb else None
        kind = kind._replace(type=encoded.type, width=encoded.width, height=encoded.height)
        attachment.is_animated = encoded.is_animated
    attachment.kind, attachment.type = kind.kind, kind.type
    attachment.width, attachment.height = kind.width, kind.height
    attachment.name = clean_name(file.name or "", kind.type)
    attachment.size, attachment.thumb_size = content.size, thumb.size if thumb else 0
    attachment.digest = _digest(content)
    return attachment, content, thumb


def _encoded(file: IO[bytes], kind: Kind) -> Encoded:
    try:
        with decoder():
            return encode(file, kind.picture)
    except TooManyPixels:
        sentence = _("This picture has too many pixels: at most %(limit)d megapixels.")
        raise Invalid(sentence % {"limit": MAX_PIXELS // 1_000_000}, "file") from None
    except Unreadable:
        raise Invalid(_("This picture cannot be read: it is broken, or only looks like one."), "file") from None


def _digest(content: "File[Any]") -> str:
    digest = hashlib.sha256()
    for chunk in content.chunks():
        digest.update(chunk)
    content.seek(0)
    return digest.hexdigest()


def _remove_file(folder: str, token: str) -> None:
    try:
        store.remove(folder, token)
    except Exception:
        # The row is gone; the upkeep finds what is left.
        logger.exception("A file could not be removed")

"""The files of messages, as moderators see them at the desk."""

from collections.abc import Iterable

from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chat.frames import ATTACHMENT_FIELDS, AttachmentRow, attachment_frame
from chat.models import Attachment, Message
from chat.texts import excerpt

FILES, THUMBS = "/media/desk/files/", "/media/desk/thumbs/"
HIGH, WIDE = 160, 240
"""Pixels that a small picture takes at most."""


def text_or_files(message: Message) -> str:
    """Return how a message begins; of one without words what its files are called."""
    return excerpt(message.body) or excerpt(", ".join(file.name for file in message.attachments.all()))


def files_shown(attachments: Iterable[Attachment], *, are_links: bool = True) -> SafeString:
    """Return links to files, those of pictures with the pictures small; or only their names."""
    links = format_html_join("", "<li>{}</li>", ((_link(file) if are_links else _name(file),) for file in attachments))
    return format_html('<ul class="files-shown">{}</ul>', links) if links else links


def _name(file: Attachment) -> SafeString:
    return format_html("{} · {}", file.name, filesizeformat(file.size))


def _link(file: Attachment) -> SafeString:
    row = AttachmentRow(*(getattr(file, name) for name in ATTACHMENT_FIELDS))
    frame = attachment_frame(row, files=FILES, thumbs=THUMBS)
    if "thumb_url" not in frame:
        return format_html('<a href="{}">{}</a> · {}', frame["url"], file.name, filesizeformat(file.size))
    width, height = file.width or WIDE, file.height or HIGH
    scale = min(1.0, WIDE / width, HIGH / height)
    return format_html(
        '<a href="{}"><img src="{}" alt="{}" width="{}" height="{}" loading="lazy"></a>',
        frame["url"], frame["thumb_url"], file.name, max(1, round(width * scale)), max(1, round(height * scale)),
    )  # fmt: skip

"""Files are uploaded, over REST."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import REFUSALS, valid
from accounts.api.requests import user_of as caller_of
from accounts.api.serializers import ErrorSerializer
from accounts.limits import UPLOADS, limiter
from chat.actions.uploads import limits_of, store_upload, take_back_upload
from chat.api.serializers import AttachmentSerializer, UploadLimitsSerializer, UploadSerializer
from chat.frames import ATTACHMENT_FIELDS, AttachmentRow, Frame, attachment_frame
from chat.models import Attachment

FULL = REFUSALS | {503: ErrorSerializer}


class UploadsView(APIView):
    """New files."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={201: AttachmentSerializer, 200: AttachmentSerializer, **FULL},
    )
    def post(self, request: Request) -> Response:
        """Upload a file, to be named by a message of one's own; 200 where this `ref` was uploaded before.

        Pictures (PNG, JPEG, WebP, GIF, AVIF) are encoded anew without metadata. What no message has after a day goes.
        """
        caller, body = caller_of(request), valid(UploadSerializer, request.data)
        limiter.take(UPLOADS, caller.pk)
        ref: UUID | None = body.get("ref")
        attachment, is_new = store_upload(caller, body["file"], ref)
        return Response(frame_of(attachment), 201 if is_new else 200)


class UploadView(APIView):
    """A file that no message has yet."""

    @extend_schema(request=None, responses={204: None, **REFUSALS})
    def delete(self, request: Request, attachment_id: int) -> Response:
        """Take back a file of one's own that no message has yet."""
        take_back_upload(caller_of(request), attachment_id)
        return Response(status=204)


class UploadLimitsView(APIView):
    """How much one may upload."""

    @extend_schema(responses={200: UploadLimitsSerializer, **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return how large a file and all of one's files together may be, and how much of that is used."""
        return Response(limits_of(caller_of(request)))


def frame_of(attachment: Attachment) -> Frame:
    """Return ATTACHMENT of a row."""
    return attachment_frame(AttachmentRow(*(getattr(attachment, name) for name in ATTACHMENT_FIELDS)))

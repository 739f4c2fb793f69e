"""The emoji that can be picked, over REST."""

from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.requests import REFUSALS
from chat.api.serializers import EmojiGroupsSerializer
from chat.emoji_names import emoji_json


@method_decorator(gzip_page, name="dispatch")
class EmojiView(APIView):
    """What emoji are called."""

    @extend_schema(operation_id="emoji", responses={200: EmojiGroupsSerializer, **REFUSALS})
    def get(self, _request: Request) -> HttpResponse:
        """Return the emoji in groups, each as [character, English names, Chinese name]."""
        headers = {"Cache-Control": "private, max-age=86400"}
        return HttpResponse(emoji_json(), "application/json", headers=headers)

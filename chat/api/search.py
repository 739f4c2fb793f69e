"""Messages are found again, over REST."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import REFUSALS, valid
from accounts.api.requests import user_of as caller_of
from accounts.limits import SEARCHES, limiter
from chat.api.serializers import FoundMessagesSerializer, SearchMessagesSerializer
from chat.search import search


class SearchView(APIView):
    """Everything that was said in rooms that one may see."""

    @extend_schema(
        operation_id="search",
        parameters=[SearchMessagesSerializer],
        responses={200: FoundMessagesSerializer, **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        """Return the newest messages that have all the words.

        Narrowed down by from:NICKNAME, in:ROOM, before:DATE, after:DATE, has:file|image|audio|video|link|pin|reaction
        and "phrases".
        """
        query, caller = valid(SearchMessagesSerializer, request.query_params.dict()), caller_of(request)
        limiter.take(SEARCHES, caller.pk)
        return Response(search(caller, query["q"], before=query.get("before"), limit=query["limit"]))

"""The people of the site, over REST."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import REFUSALS, valid
from accounts.api.requests import user_of as caller_of
from chat.actions.blocks import block_user, unblock_user
from chat.api.serializers import BlocksSerializer, FoundUsersSerializer, PersonSerializer, SearchSerializer
from chat.frames import people_frames
from chat.people import card_of, page_of_people
from chat.permissions import blocked_by


class UsersView(APIView):
    """People, found by name."""

    @extend_schema(
        operation_id="users_list", parameters=[SearchSerializer], responses={200: FoundUsersSerializer, **REFUSALS}
    )
    def get(self, request: Request) -> Response:
        """Return a page of the people whose nicknames begin with the query or contain it."""
        query = valid(SearchSerializer, request.query_params.dict())
        return Response(page_of_people(query=query["q"], offset=query["offset"], limit=query["limit"]))


class UserView(APIView):
    """Somebody."""

    @extend_schema(responses={200: PersonSerializer, **REFUSALS})
    def get(self, request: Request, user_id: int) -> Response:
        """Return what one may know of somebody."""
        return Response(card_of(caller_of(request), user_id))


class BlocksView(APIView):
    """Whom one has blocked."""

    @extend_schema(responses={200: BlocksSerializer, **REFUSALS})
    def get(self, request: Request) -> Response:
        """List them, in the order in which they were blocked."""
        blocked = blocked_by(caller_of(request).pk)
        people = people_frames(blocked)
        return Response({"blocks": [people[user_id] for user_id in blocked]})


class BlockView(APIView):
    """One of them."""

    @extend_schema(request=None, responses={204: None, **REFUSALS})
    def put(self, request: Request, user_id: int) -> Response:
        """Block someone: no private chats between the two."""
        block_user(caller_of(request), user_id)
        return Response(status=204)

    @extend_schema(request=None, responses={204: None, **REFUSALS})
    def delete(self, request: Request, user_id: int) -> Response:
        """Take a block back."""
        unblock_user(caller_of(request), user_id)
        return Response(status=204)

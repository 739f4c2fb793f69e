"""Messages that a filter held back: their author asks what became of them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import REFUSALS, valid
from accounts.api.requests import user_of as caller_of
from accounts.api.serializers import QuerySerializer
from moderation.actions.held import held_frames

MAX_REFS = 50


class HeldQuerySerializer(QuerySerializer):
    """Which messages are asked for."""

    refs = serializers.RegexField(
        rf"\A[0-9a-fA-F-]{{32,36}}(,[0-9a-fA-F-]{{32,36}}){{0,{MAX_REFS - 1}}}\Z", help_text="refs, comma-separated"
    )

    def validate_refs(self, refs: str) -> list[UUID]:
        """Return the refs as UUIDs. Raises ValidationError for what is none."""
        field = serializers.UUIDField()
        return [field.to_internal_value(ref) for ref in refs.split(",")]


class HeldOneSerializer(serializers.Serializer[Any]):
    ref = serializers.UUIDField()
    room = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["waiting", "posted", "refused"])
    detail = serializers.CharField(allow_blank=True, help_text="why it was refused")


class HeldSerializer(serializers.Serializer[Any]):
    held = HeldOneSerializer(many=True)


class HeldView(APIView):
    """One's own messages that were held back."""

    @extend_schema(parameters=[HeldQuerySerializer], responses={200: HeldSerializer, **REFUSALS})
    def get(self, request: Request) -> Response:
        """Return what became of them: for who was away when it was decided. Refs of none are left out."""
        query = valid(HeldQuerySerializer, request.query_params.dict())
        return Response({"held": held_frames(caller_of(request), query["refs"])})

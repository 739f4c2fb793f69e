"""Reports: made, and followed by who made them."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import REFUSALS, valid
from accounts.api.requests import user_of as caller_of
from accounts.api.serializers import StrictSerializer, UserSerializer
from accounts.limits import REPORTS, limiter
from chat.errors import Invalid
from moderation.actions.reports import MAX_TEXT, report_frame, report_message, report_person, reports_of
from moderation.models import Outcome, ReportReason, Status


class NewReportSerializer(StrictSerializer):
    """What is reported, a message or a person, and why."""

    message = serializers.IntegerField(min_value=1, max_value=2**53 - 1, required=False)
    user = serializers.IntegerField(min_value=1, max_value=2**53 - 1, required=False)
    reason = serializers.ChoiceField(choices=ReportReason.values)
    text = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True, default="")


class ReportSerializer(serializers.Serializer[Any]):
    """REPORT, as who made it sees it."""

    id = serializers.IntegerField()
    user = UserSerializer()
    message = serializers.IntegerField(allow_null=True)
    reason = serializers.ChoiceField(choices=ReportReason.values)
    status = serializers.ChoiceField(choices=Status.values)
    outcome = serializers.ChoiceField(choices=Outcome.values, allow_null=True)
    created_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class ReportsSerializer(serializers.Serializer[Any]):
    reports = ReportSerializer(many=True)


class ReportsView(APIView):
    """One's own reports."""

    @extend_schema(responses={200: ReportsSerializer, **REFUSALS})
    def get(self, request: Request) -> Response:
        """List the last 50, the newest first."""
        return Response({"reports": reports_of(caller_of(request))})

    @extend_schema(request=NewReportSerializer, responses={201: ReportSerializer, **REFUSALS})
    def post(self, request: Request) -> Response:
        """Report a message or a person to the moderators; again, to change what one said."""
        caller, body = caller_of(request), valid(NewReportSerializer, request.data)
        if ("message" in body) == ("user" in body):
            raise Invalid(_("Report a message or a person, one of the two."))
        limiter.take(REPORTS, caller.pk)
        if "message" in body:
            report = report_message(caller, body["message"], body["reason"], body["text"])
        else:
            report = report_person(caller, body["user"], body["reason"], body["text"])
        return Response(report_frame(report), 201)

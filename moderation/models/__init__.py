"""What moderators do and decide."""

from moderation.models.act import Act, ActItem, ActKind, ItemKind
from moderation.models.report import Case, Outcome, Report, ReportReason, Status
from moderation.models.screening import Filter, FilterKind, HeldMessage, Response

__all__ = [
    "Act",
    "ActItem",
    "ActKind",
    "Case",
    "Filter",
    "FilterKind",
    "HeldMessage",
    "ItemKind",
    "Outcome",
    "Report",
    "ReportReason",
    "Response",
    "Status",
]

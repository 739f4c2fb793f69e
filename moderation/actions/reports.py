"""People report messages and people; moderators deal with that, and the reporters are told."""

from collections.abc import Collection
from functools import partial

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import user_group
from accounts.frames import user_frame
from accounts.models import User
from audit.log import record
from audit.models import Verb
from chat.errors import Invalid, NotFound
from chat.models import Message
from chat.permissions import get_message_for
from database.transactions import write_transaction
from live.envelope import Event
from live.publisher import envelope, publish
from moderation.models import Case, Outcome, Report, ReportReason, Status
from moderation.standing import check_may_act_on, check_right, visible_cases

MAX_TEXT = 500


def report_message(reporter: User, message_id: int, reason: str, text: str = "") -> Report:
    """Report a message that one may see; a second report of one's own changes the first.

    Raises NotFound, or Invalid for one's own message or a reason that there is not.
    """
    message = get_message_for(reporter.pk, message_id)
    if message.deleted_at:
        raise NotFound
    if message.author_id == reporter.pk:
        raise Invalid(_("This is your own message: you can delete it."))
    return _report(reporter, message.author, message, reason, text)


def report_person(reporter: User, user_id: int, reason: str, text: str = "") -> Report:
    """Report a person; a second report of one's own changes the first. Raises NotFound or Invalid."""
    person = User.objects.filter(pk=user_id, is_former=False).first()
    if person is None:
        raise NotFound
    if person.pk == reporter.pk:
        raise Invalid(_("You cannot report yourself."))
    return _report(reporter, person, None, reason, text)


def flag_message(message: Message, text: str) -> Report:
    """Report a message in the name of the site: a filter found something in it."""
    return _report(None, message.author, message, ReportReason.OTHER, text)


def take_case(actor: User, case_id: int) -> Case:
    """Have `actor` deal with a case that is open, or take it over. Raises Forbidden, or Invalid for a closed one."""
    check_right(actor, "change_case")
    with write_transaction():
        case = _open_case(actor, case_id)
        case.status, case.taken_by = Status.TAKEN, actor
        case.save(update_fields=["status", "taken_by"])
        record(actor, Verb.REPORT, case, taken=True)
    return case


def close_case(actor: User, case_id: int, outcome: str, note: str = "") -> Case:
    """Close a case with an outcome, and tell those who reported. Raises Forbidden, or Invalid for a closed one."""
    check_right(actor, "change_case")
    if outcome not in Outcome.values:
        raise Invalid(_("There is no such outcome."), "outcome")
    with write_transaction():
        return _close(actor, _open_case(actor, case_id), outcome, note)


def open_cases_about(actor: User, message_ids: Collection[int]) -> QuerySet[Case]:
    """Return the reports about these messages that are not closed and that `actor` may close."""
    if not actor.has_perm("moderation.change_case"):
        return Case.objects.none()
    waiting = Case.objects.exclude(status=Status.CLOSED).filter(message__in=message_ids)
    return visible_cases(waiting, actor).order_by("pk")


def close_cases_about(actor: User, message_ids: Collection[int], note: str = "") -> int:
    """Close the reports about messages that something was done about, and tell those who reported; return how many
    cases that were. Within the act's transaction, after all that it locks.
    """
    cases = list(open_cases_about(actor, message_ids).select_for_update(of=("self",)))
    for case in cases:
        _close(actor, case, Outcome.ACTED, note)
    return len(cases)


def _close(actor: User, case: Case, outcome: str, note: str) -> Case:
    case.status, case.outcome, case.closed_at = Status.CLOSED, outcome, timezone.now()
    case.taken_by = case.taken_by or actor
    case.note = note or case.note
    case.save()
    for report in case.reports.exclude(by=None).select_related("case__person"):
        event: Event = {"type": "report.closed", "report": report_frame(report)}
        announcement = envelope(user_group(report.by_id or 0), [event])
        transaction.on_commit(partial(publish, announcement))
    record(actor, Verb.REPORT, case, note, outcome=outcome, reports=case.report_count)
    return case


def reports_of(reporter: User) -> list[Event]:
    """Return one's own last 50 reports as REPORT, the newest first."""
    own = Report.objects.filter(by=reporter).select_related("case__person").order_by("-pk")
    return [report_frame(report) for report in own[:50]]


def report_frame(report: Report) -> Event:
    """Return REPORT: what someone may know of his or her own report."""
    case = report.case
    return {
        "id": report.pk,
        "user": user_frame(case.person),
        "message": case.message_id,
        "reason": report.reason,
        "status": case.status,
        "outcome": case.outcome or None,
        "created_at": report.at,
        "closed_at": case.closed_at,
    }


def _report(reporter: User | None, person: User, message: Message | None, reason: str, text: str) -> Report:
    if reason not in ReportReason.values:
        raise Invalid(_("There is no such reason."), "reason")
    if len(text) > MAX_TEXT:
        raise Invalid(_("At most 500 characters."), "text")
    with write_transaction():
        # The person's row is the lock: of two who report at once the second finds the first one's case.
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        cases = Case.objects.exclude(status=Status.CLOSED)
        case = cases.filter(message=message).first() if message else cases.filter(message=None, person=person).first()
        case = case or Case.objects.create(person=person, message=message)
        report, is_new = Report.objects.update_or_create(
            case=case, by=reporter, defaults={"reason": reason, "text": text},
            create_defaults={"reason": reason, "text": text, "quote": _quote(message)},
        )  # fmt: skip
        Case.objects.filter(pk=case.pk).update(report_count=F("report_count") + int(is_new), reported_at=timezone.now())
    return report


def _quote(message: Message | None) -> str:
    """Return what a message says; of one without words what its files are called."""
    if message is None:
        return ""
    return message.body or ", ".join(message.attachments.order_by("position").values_list("name", flat=True))


def _open_case(actor: User, case_id: int) -> Case:
    case = Case.objects.select_for_update(of=("self",)).select_related("person").filter(pk=case_id).first()
    if case is None:
        raise NotFound
    if not visible_cases(Case.objects.filter(pk=case_id), actor).exists():
        check_may_act_on(actor, [case.person])
    if case.status == Status.CLOSED:
        raise Invalid(_("This has been closed already."))
    return case

"""People for load runs: the command prints their tokens, and nothing else."""

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.credentials import sign_in_bearer
from chat.models import Membership
from tests.unit.cast import Cast


@pytest.mark.parametrize("count", [1, 7])
def test_as_many_lines_are_printed_as_people_are_made(cast: Cast, count: int) -> None:
    printed = StringIO()
    call_command("seed_load", users=count, room="load", messages=3, stdout=printed)
    assert printed.getvalue().count("\n") == count
    tokens = printed.getvalue().splitlines()
    assert all(len(token) >= 40 and token == token.strip() for token in tokens)
    people = {sign_in_bearer(f"Bearer {token}").user.pk for token in tokens}
    assert len(people) == count
    assert Membership.objects.filter(room__name="load", user__in=people).count() == count

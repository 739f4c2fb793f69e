"""The checkers, checked: what must never be is made to be, and they notice."""

import uuid
from collections.abc import Iterator

import pytest
from django.db import connection

from chat.actions import statements
from chat.models import Message
from tests.unit.cast import Cast, draft_of, numbering_faults, post


@pytest.fixture
def without_unique_refs(transactional_db: None) -> Iterator[None]:
    """Take the constraint on (author, ref) out of the database."""
    meta = Message._meta
    kept = meta.constraints
    (constraint,) = [found for found in kept if found.name == "one_message_a_ref"]
    meta.constraints = [found for found in kept if found is not constraint]
    with connection.schema_editor() as editor:
        editor.remove_constraint(Message, constraint)
    yield
    Message.objects.all().delete()
    meta.constraints = kept
    with connection.schema_editor() as editor:
        editor.add_constraint(Message, constraint)


@pytest.mark.usefixtures("without_unique_refs")
def test_without_the_constraint_a_race_stores_a_ref_twice_and_the_check_of_numbers_says_so(
    real_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = uuid.uuid4()
    post(draft_of(real_cast.ann, real_cast.den, ref=ref))
    assert numbering_faults() == []
    monkeypatch.setattr(statements, "find_places", lambda _keys: [])
    post(draft_of(real_cast.ann, real_cast.den, ref=ref))
    assert numbering_faults() == ["an author's ref stands for two messages"]

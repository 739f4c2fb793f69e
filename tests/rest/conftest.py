"""What tests of REST share."""

from collections.abc import Iterator

import pytest

from tests.push_service import PushService


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    """A push service that does not run elsewhere."""
    service = PushService()
    yield service
    service.stop()

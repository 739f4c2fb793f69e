"""The wire, frame by frame, against a running server."""

import pytest

on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
"""For what takes long and does not depend on the database."""

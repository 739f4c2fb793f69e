"""Clusters to do harm to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.cluster import Cluster, make_postgres
from tests.servers import Postgres, Template


@pytest.fixture(scope="session")
def mortal_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL of this worker's that tests may kill."""
    postgres = make_postgres(tmp_path_factory.mktemp("mortal"))
    yield postgres
    postgres.stop()


@pytest.fixture
async def cluster(
    request: pytest.FixtureRequest, site_template: Template, tmp_path: Path
) -> AsyncIterator[Callable[..., Cluster]]:
    """A factory of clusters: `cluster()` is one server on SQLite, `cluster(2)` two on PostgreSQL and Redis."""
    made: list[Cluster] = []

    def make(servers: int = 1, *, rig: Any = None) -> Cluster:
        postgres = request.getfixturevalue("mortal_postgres") if servers > 1 else None
        made.append(Cluster(tmp_path / f"cluster{len(made)}", site_template, postgres, servers, rig))
        return made[-1]

    yield make
    for one in made:
        await one.close()
        await asyncio.to_thread(one.stop)

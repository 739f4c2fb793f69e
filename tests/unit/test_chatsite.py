"""Where the site keeps its things and under which names it is called."""

import socket
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from chatsite import data
from chatsite.data import data_folder, secret_key
from chatsite.hosts import is_loopback, own_hosts


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHATSITE_SECRET_KEY", "CHATSITE_DATA"):
        monkeypatch.delenv(name, raising=False)


def test_the_secret_key_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    key = secret_key(tmp_path)
    assert len(key) >= 50
    assert secret_key(tmp_path) == key
    kept = [path for path in tmp_path.iterdir() if path.read_text().strip() == key]
    assert [stat.S_IMODE(path.stat().st_mode) for path in kept] == [0o600]


def test_a_secret_key_of_the_environment_is_used_and_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATSITE_SECRET_KEY", "chosen")
    assert secret_key(tmp_path) == "chosen"
    assert list(tmp_path.iterdir()) == []


def test_each_site_has_a_key_of_its_own(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    assert secret_key(folders[0]) != secret_key(folders[1])


def test_a_process_that_starts_while_the_key_is_being_made_gets_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one looks at the worst moment: whenever this one asks for random text."""
    made: list[str] = []
    seen: list[str] = []
    is_first = threading.Event()

    def token(length: int) -> str:
        if not is_first.is_set():
            is_first.set()
            other = threading.Thread(target=lambda: seen.append(secret_key(tmp_path)))
            other.start()
            other.join(2)
        made.append(f"key {len(made)} " + "x" * length)
        return made[-1]

    monkeypatch.setattr(data.secrets, "token_urlsafe", token)
    key = secret_key(tmp_path)
    assert key
    assert seen == [key]


def test_many_that_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    for attempt in range(20):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        together, keys = threading.Barrier(8), []

        def start(folder: Path = folder, together: Any = together, keys: list[str] = keys) -> None:
            together.wait(5)
            keys.append(secret_key(folder))

        threads = [threading.Thread(target=start) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(keys)) == 1
        assert all(keys)


def test_the_data_folder_is_made_where_it_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert data_folder(tmp_path) == tmp_path / "var"
    monkeypatch.setenv("CHATSITE_DATA", str(tmp_path / "a" / "b"))
    assert data_folder(tmp_path) == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").is_dir()


LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]


@pytest.mark.parametrize(
    ("listen", "host"), [("192.0.2.7", "192.0.2.7"), ("2001:db8::7", "[2001:db8::7]"), ("localhost", "localhost")]
)
def test_a_server_on_one_address_is_called_by_it(listen: str, host: str) -> None:
    assert own_hosts(listen) == [*LOOPBACK, host]


@pytest.mark.parametrize("listen", ["0.0.0.0", "::", ""])
def test_a_server_on_every_address_is_called_by_each_of_this_machine(
    listen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [(socket.AF_INET, 0, 0, "", ("192.0.2.9", 0)), (socket.AF_INET6, 0, 0, "", ("fe80::1%eth0", 0, 0, 2))]
    monkeypatch.setattr(socket, "gethostname", lambda: "Desk.home.example")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments: found)
    hosts = own_hosts(listen)
    assert hosts[:3] == LOOPBACK
    assert {"desk.home.example", "desk.local", "192.0.2.9", "[fe80::1]"} <= set(hosts)
    assert "*" not in hosts


def test_a_machine_without_names_has_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> Any:
        raise OSError("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr(socket.socket, "connect", fail)
    assert own_hosts("0.0.0.0")[:3] == LOOPBACK


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("192.0.2.1", False),
        ("", False),
    ],
)
def test_what_is_reached_from_this_machine_alone(listen: str, expected: bool) -> None:
    assert is_loopback(listen) is expected

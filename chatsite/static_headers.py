"""What static files say of themselves besides their type, age and name."""

from collections.abc import MutableMapping


def add_headers(headers: MutableMapping[str, str], _path: str, _url: str) -> None:
    """Have browsers take each file for what it says it is, and nothing else (servestatic calls this for each file)."""
    headers["X-Content-Type-Options"] = "nosniff"

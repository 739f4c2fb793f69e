"""The data folder: where the site keeps its database, files and secret key."""

import os
import secrets
import tempfile
from pathlib import Path


def data_folder(base: Path) -> Path:
    """Return the data folder, made if missing: `CHATSITE_DATA`, or `var/` in the project."""
    folder = Path(os.environ.get("CHATSITE_DATA") or base / "var").expanduser().resolve()
    # Nobody else on the machine is to read what people write.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """Return the site's secret key: `CHATSITE_SECRET_KEY`, or the one made once and kept in `folder`."""
    configured = os.environ.get("CHATSITE_SECRET_KEY")
    if configured:
        return configured
    path = folder / "secret_key"
    if not path.exists():
        _make_key(path)
    return path.read_text().strip()


def _make_key(path: Path) -> None:
    # Written aside and linked into place: whoever starts at the same time reads a whole key, and the same one.
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix="secret_key.")
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    try:
        Path(path).hardlink_to(aside)
    except FileExistsError:
        return
    finally:
        Path(aside).unlink()

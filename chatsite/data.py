"""The data folder: where the site keeps its database, files and secret key."""

import os
import secrets
from pathlib import Path


def data_folder(base: Path) -> Path:
    """Return the data folder, made if missing: `CHATSITE_DATA`, or `var/` in the project."""
    folder = Path(os.environ.get("CHATSITE_DATA") or base / "var").expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """Return the site's secret key: `CHATSITE_SECRET_KEY`, or the one made once and kept in `folder`."""
    configured = os.environ.get("CHATSITE_SECRET_KEY")
    if configured:
        return configured
    path = folder / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(key := secrets.token_urlsafe(64))
    return key

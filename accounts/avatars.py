"""The avatars drawn for the site."""

from functools import cache

from django.conf import settings
from django.templatetags.static import static

DEFAULT = "fox"


@cache
def drawn_avatars() -> tuple[str, ...]:
    """Return the names of the drawn avatars, in alphabetical order."""
    return tuple(sorted(path.stem for path in (settings.BASE_DIR / "static" / "avatars").glob("*.svg")))


@cache
def avatar_url(avatar: str) -> str:
    """Return the URL of the drawn avatar named `avatar`."""
    return static(f"avatars/{avatar if avatar in drawn_avatars() else DEFAULT}.svg")

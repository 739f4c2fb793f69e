"""The avatars drawn for the site: `static/avatars/NAME.svg`."""

from functools import cache

from django.templatetags.static import static
from django.utils.translation import gettext_noop

DEFAULT = "fox"
_DRAWN = (
    gettext_noop("bamboo"),
    gettext_noop("bear"),
    gettext_noop("bee"),
    gettext_noop("boat"),
    gettext_noop("cactus"),
    gettext_noop("cat"),
    gettext_noop("cloud"),
    gettext_noop("duck"),
    gettext_noop("dumpling"),
    gettext_noop("fox"),
    gettext_noop("frog"),
    gettext_noop("hedgehog"),
    gettext_noop("kite"),
    gettext_noop("koala"),
    gettext_noop("lantern"),
    gettext_noop("maple"),
    gettext_noop("moon"),
    gettext_noop("mountain"),
    gettext_noop("mushroom"),
    gettext_noop("octopus"),
    gettext_noop("owl"),
    gettext_noop("panda"),
    gettext_noop("penguin"),
    gettext_noop("rabbit"),
    gettext_noop("radish"),
    gettext_noop("robot"),
    gettext_noop("rocket"),
    gettext_noop("sunflower"),
    gettext_noop("teapot"),
    gettext_noop("tiger"),
    gettext_noop("turtle"),
    gettext_noop("whale"),
)


def drawn_avatars() -> tuple[str, ...]:
    """Return the names of the drawn avatars, in alphabetical order; as shown, they are translated."""
    return _DRAWN


@cache
def avatar_url(avatar: str) -> str:
    """Return the URL of the drawn avatar named `avatar`."""
    return static(f"avatars/{avatar if avatar in _DRAWN else DEFAULT}.svg")

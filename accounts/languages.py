"""The languages of the site."""

from django.conf import settings


def supported_language(code: str) -> str:
    """Return the site's language for a language tag (RFC 5646) such as `zh-CN` or `en-GB`; "" for none."""
    primary = code.strip().lower().partition("-")[0]
    if primary == "zh":
        return "zh-hans"
    return primary if primary in dict(settings.LANGUAGES) else ""

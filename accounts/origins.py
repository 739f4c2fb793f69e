"""Which pages may speak to the site with a browser's cookies."""

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def is_allowed_origin(origin: str, host: str, *, secure: bool) -> bool:
    """Tell whether a request from a page at `origin` (scheme://host[:port]) to `host` comes from our own pages.

    It does if it names the very host asked, with the scheme that was used, or an origin in CHATSITE_ORIGINS.
    The host itself must be an allowed one, or a rebound DNS name could claim to be us.
    """
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    domain, _port = split_domain_port(host)
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    return origin == f"{'https' if secure else 'http'}://{host}"

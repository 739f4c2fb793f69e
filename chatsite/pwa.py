"""What makes the site an app: the manifest, the service worker, and which version of the page this is."""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

WORKER = Path(__file__).parent / "worker.js"
THEME = {"light": "#f4f1eb", "dark": "#151412"}
"""The colour of the sidebar, `--panel` in tokens.css."""
_NEEDED = (
    "css/",
    "js/",
    "avatars/",
    "icons.svg",
    "logo.svg",
    "favicon.svg",
    "icons/icon-192.png",
    "icons/badge-96.png",
)
_NOT_NEEDED = ("css/admin.css", "css/admin_lists.css", "css/enter.css", "js/enter.js")
_WRITTEN = ("templates/**/*.html", "locale/**/*.mo", "chatsite/worker.js")
_catalog = JavaScriptCatalog.as_view(domain="djangojs", packages=["chatsite"])
_A_MINUTE, _A_DAY = 60, 86_400


@cache
def files() -> list[str]:
    """Return the URLs of the static files of the page. None while they have no hashed names (developing)."""
    hashed: dict[str, str] = getattr(staticfiles_storage, "hashed_files", {})
    names = [name for name in hashed if name.startswith(_NEEDED) and name not in _NOT_NEEDED]
    return sorted(static(name) for name in names)


@cache
def build() -> str:
    """Return the version of the page: a digest of its files' names, which carry those of their content, and templates.

    "" where files have no hashed names: there nothing is kept by the browser.
    """
    if not files():
        return ""
    digest = sha256("\n".join(files()).encode())
    for pattern in _WRITTEN:
        for path in sorted(Path(settings.BASE_DIR).glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def page_build(_request: HttpRequest) -> dict[str, Any]:
    """Put the version into every page (a context processor)."""
    return {"build": build(), "theme": THEME}


@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """Answer with the service worker of this version."""
    known = {
        "version": build(),
        "files": files(),
        "languages": [code for code, _name in settings.LANGUAGES],
        "icon": static("icons/icon-192.png"),
        "badge": static("icons/badge-96.png"),
    }
    script = f"const BUILD = {json.dumps(known)};\n{WORKER.read_text(encoding='utf-8')}"
    return HttpResponse(script, "text/javascript", headers={"Cache-Control": "no-cache"})


@require_safe
@cache_control(max_age=_A_MINUTE)
def manifest(_request: HttpRequest, language: str) -> HttpResponse:
    """Answer with the web app manifest in a language."""
    with _in(language):
        content = {
            "id": "/",
            "name": "Chatsite",
            "short_name": "Chatsite",
            "description": _("A place to talk, kept by its own people."),
            "lang": "zh-Hans" if language == "zh-hans" else language,
            "start_url": "/home/",
            "scope": "/",
            "display": "standalone",
            "theme_color": THEME["light"],
            "background_color": THEME["light"],
            "categories": ["social"],
            "icons": [
                _icon("icon-192.png", 192),
                _icon("icon-512.png", 512),
                _icon("maskable-192.png", 192, "maskable"),
                _icon("maskable-512.png", 512, "maskable"),
            ],
        }
    return JsonResponse(content, content_type="application/manifest+json")


@require_safe
@cache_control(max_age=_A_DAY)
def catalog(request: HttpRequest, language: str) -> HttpResponseBase:
    """Answer with the page's texts in a language, whoever asks; its address changes with the version."""
    with _in(language):
        return _catalog(request)


def _in(language: str) -> Any:
    if language not in dict(settings.LANGUAGES):
        raise Http404
    return override(language)


def _icon(name: str, size: int, purpose: str = "any") -> dict[str, str]:
    return {"src": static(f"icons/{name}"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}

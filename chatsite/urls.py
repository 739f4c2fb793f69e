"""Where everything is."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.decorators.cache import cache_control
from django.views.decorators.vary import vary_on_headers
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog

import chatsite.converters  # noqa: F401 - registers them
from accounts import views as accounts
from chat import views as chat
from chatsite import pwa

_catalog = JavaScriptCatalog.as_view(domain="djangojs", packages=["chatsite"])


def _favicon(_request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(static("favicon.svg"))


urlpatterns = [
    path("favicon.ico", _favicon),
    path("", accounts.enter, name="enter"),
    path("home/", chat.home, name="home"),
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("sign-up/", accounts.sign_up, name="sign-up"),
    path("reset/<str:secret>/", accounts.reset, name="reset"),
    path("media/pictures/<str:token>.webp", accounts.picture, name="picture"),
    path("set-up/<str:secret>/", accounts.set_up, name="set-up"),
    path("language/", accounts.set_language, name="set-language"),
    path("rooms/<room:room_id>/", chat.room_page, name="room"),
    path("rooms/<room:room_id>/<number:seq>/", chat.room_page, name="room-at"),
    path("invite/<str:code>/", chat.invitation_page, name="invitation"),
    path("invite/<str:code>/qr.svg", chat.invitation_qr, name="invitation-qr"),
    path("shell/<str:language>/", chat.shell, name="shell"),
    path("sw.js", pwa.service_worker),
    path("manifest/<str:language>.webmanifest", pwa.manifest, name="manifest"),
    path("jsi18n/<str:language>/", pwa.catalog, name="catalog"),
    path(
        "jsi18n/",
        cache_control(private=True, max_age=300)(vary_on_headers("Cookie", "Accept-Language")(_catalog)),
        name="jsi18n",
    ),
    # What is not found here is looked for among the chat's, the last of which answers for all that is nowhere.
    path("api/v1/", include("moderation.api.urls")),
    path("api/v1/", include("push.api.urls")),
    path("api/", include("chat.api.urls")),
    # The one place where passwords are taken, because that one is throttled.
    path("admin/login/", RedirectView.as_view(pattern_name="sign-in", query_string=True)),
    # Ours end tokens and open sockets too.
    path("admin/password_change/", RedirectView.as_view(pattern_name="home")),
    path("admin/logout/", RedirectView.as_view(pattern_name="home")),
    path("admin/", admin.site.urls),
]

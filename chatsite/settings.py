"""Settings of the site. All that differs from one place to the next comes from the environment (docs/operations.md)."""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from chatsite.data import data_folder, secret_key
from chatsite.hosts import own_hosts
from chatsite.static_headers import add_headers

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = data_folder(BASE_DIR)
HOST = os.environ.get("HOST", "127.0.0.1")
PORT = int(os.environ.get("PORT", "8000"))
WORKERS = int(os.environ.get("WEB_CONCURRENCY", "1"))

SECRET_KEY = secret_key(DATA)
DEBUG = os.environ.get("CHATSITE_DEBUG", "1" if "runserver" in sys.argv else "0") == "1"
ALLOWED_HOSTS = os.environ.get("CHATSITE_HOSTS", "").split() or own_hosts(HOST)
CSRF_TRUSTED_ORIGINS = os.environ.get("CHATSITE_ORIGINS", "").split()
# Behind a proxy that ends TLS and always sets X-Forwarded-Proto and X-Forwarded-For itself.
BEHIND_PROXY = os.environ.get("CHATSITE_BEHIND_PROXY") == "1"
METRICS_TOKEN = os.environ.get("CHATSITE_METRICS_TOKEN", "")
# Whether messages can be searched for; without it nothing is indexed.
SEARCH = os.environ.get("CHATSITE_SEARCH", "on") != "off"
DRAIN_SECONDS = float(os.environ.get("CHATSITE_DRAIN_SECONDS", "0"))
RATE_LIMITS = os.environ.get("CHATSITE_RATE_LIMITS", "on") != "off"

INSTALLED_APPS = [
    "daphne",
    "moderation.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "servestatic",
    "chatsite",
    "audit",
    "accounts",
    "chat",
    "moderation.apps.ModerationConfig",
    "push",
]

MIDDLEWARE = [
    # Static files are served before all of it (chatsite/pages.py): a first visit is some seventy small ones.
    "chatsite.middleware.PrivateAnswers",
    # Each answer is padded by chance, and the token against forgery is another in each: sizes tell nothing of either.
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "chatsite.pwa.page_build",
            ],
        },
    },
]

# Where it is kept. SQLite wants IMMEDIATE: a deferred transaction that turns into a write fails at once.
_SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA / "chatsite.sqlite3",
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728;"
        ),
    },
    "TEST": {"NAME": DATA / "test.sqlite3"},
}
_DATABASE_URL = os.environ.get("DATABASE_URL", "")
if _DATABASE_URL:
    _POSTGRES: dict[str, Any] = dict(dj_database_url.parse(_DATABASE_URL))
    _POSTGRES["CONN_HEALTH_CHECKS"] = True
    _POSTGRES["OPTIONS"] = _POSTGRES.get("OPTIONS", {}) | {
        "pool": {"min_size": 2, "max_size": int(os.environ.get("CHATSITE_DATABASE_POOL", "16")), "timeout": 10},
    }
DATABASES = {"default": _POSTGRES if _DATABASE_URL else _SQLITE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL", "")
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": (
        {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # What is published is heard in all databases of a Redis server: the prefix keeps sites apart.
            "CONFIG": {"hosts": [REDIS_URL], "prefix": os.environ.get("CHATSITE_REDIS_PREFIX", "chatsite")},
        }
        if REDIS_URL
        else {"BACKEND": "live.layer.EmbeddedChannelLayer"}
    )
}

# Who someone is.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.NicknameBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("nickname",)}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]  # fmt: skip
WELCOME_NEWCOMER = "chat.actions.newcomers.welcome_newcomer"
SHUT_OUT = ["chat.actions.memberships.shut_out", "push.actions.subscriptions.forget_devices"]
# What each server process keeps running besides the chat.
COMPANIONS = ["push.sender.Sender"]
SEE_OFF_FORMER = "chat.actions.newcomers.see_off_former"
SCREEN_DRAFTS = "moderation.screening.screen_drafts"
SCREEN_EDIT = "moderation.screening.screen_edit"
SCREEN_NAME = "moderation.screening.screen_name"
CHECK_RESTORE = "moderation.actions.messages.check_restore"
BEFORE_MUTE = "moderation.actions.in_rooms.note_mute"
BEFORE_ROOM_CHANGE = "moderation.actions.in_rooms.note_room_change"
INSPECT_ATTACHMENT = "moderation.inspection.get_attachment_at_desk"
# By which rights moderators of the site have abilities in public rooms (chat/standing.py).
RIGHTS_IN_ROOMS = {
    "take_down": "moderation.take_down_messages",
    "mute": "moderation.mute_people",
    "remove": "moderation.ban_people",
    "versions": "chat.view_message",
    **dict.fromkeys(("edit", "invite", "links", "speak"), "moderation.change_rooms"),
}
RESERVED_NICKNAMES = "moderation.actions.former_profiles.reserved"
TAKEN_FROM = "moderation.actions.former_profiles.taken_from"
LIFT_BANS = "moderation.actions.bans.lift_due_bans"
# Days in which nothing that was deleted is destroyed.
KEEP_DAYS = int(os.environ.get("CHATSITE_KEEP_DAYS", "30"))
# Files that people send, in bytes: one, all of a person's, all of a guest's, and what must stay free on their disk.
_MEGABYTE = 1024 * 1024
UPLOAD_BYTES = int(float(os.environ.get("CHATSITE_UPLOAD_MB", "25")) * _MEGABYTE)
UPLOAD_QUOTA = int(float(os.environ.get("CHATSITE_UPLOAD_QUOTA_MB", "500")) * _MEGABYTE)
UPLOAD_GUEST_QUOTA = int(float(os.environ.get("CHATSITE_UPLOAD_GUEST_QUOTA_MB", "100")) * _MEGABYTE)
UPLOAD_FREE_DISK = int(float(os.environ.get("CHATSITE_UPLOAD_FREE_DISK_MB", "500")) * _MEGABYTE)
# Hours after which a file goes that no message has.
UPLOAD_ORPHAN_HOURS = float(os.environ.get("CHATSITE_UPLOAD_ORPHAN_HOURS", "24"))
CAME_BY_INVITATION = "chat.actions.invitations.came_by_invitation"
REMOVE_ORPHANS = "chat.actions.orphans.remove_orphans"
PICTURES_IN_USE = ["accounts.pictures.in_use", "chat.pictures.in_use", "moderation.actions.former_profiles.in_use"]
LOGIN_URL = "enter"
LOGIN_REDIRECT_URL = "home"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = int(timedelta(days=60).total_seconds())
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_PROXY
if BEHIND_PROXY:
    # A browser takes a cookie of such a name from this host alone, and over https alone.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_COOKIE_SAMESITE = "Strict"
TOKEN_AGE = timedelta(days=60)
TICKET_AGE = timedelta(seconds=60)

# Languages.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "chatsite.formats"

# Files of the page.
STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "chatsite.storage.ModuleStaticStorage"
        )
    },
}
SERVESTATIC_KEEP_ONLY_HASHED_FILES = True
# A first visit is some seventy small files, and headers are a third of it: what is not needed stays out.
SERVESTATIC_ALLOW_ALL_ORIGINS = False
SERVESTATIC_ADD_HEADERS_FUNCTION = add_headers
MEDIA_ROOT = DATA / "media"
MEDIA_URL = "media/"

# Web Push (docs/operations.md). Seconds between a message and its push, in which it may be read elsewhere.
PUSH_DELAY = float(os.environ.get("CHATSITE_PUSH_DELAY", "4"))
# Who answers for what is sent, for push services: a mailto: or https: address.
PUSH_CONTACT = os.environ.get("CHATSITE_PUSH_CONTACT", "")
# Origins of push services of one's own, which may be private addresses and plain http.
PUSH_ORIGINS = os.environ.get("CHATSITE_PUSH_ORIGINS", "").split()

# What a browser may do with our pages: no inline script, no other host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
# Subdomains are not ours to speak for (W005, W021), and the proxy sends people on to https (W008; docs/operations.md).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

# The largest form; chatsite.bodies limits every body.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerAuthentication",
        "accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.throttling.BucketThrottle"],
    "DEFAULT_PARSER_CLASSES": ["chat.api.json.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["chat.api.json.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "chat.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Chatsite",
    "DESCRIPTION": "Everything that the page can do, for programs. The WebSocket is described in docs/protocol.md.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_NAME_OVERRIDES": {
        "RoomKindEnum": [("public", "public"), ("private", "private"), ("direct", "direct")],
        "NewRoomKindEnum": [("public", "public"), ("private", "private")],
        "ReportReasonEnum": "moderation.models.ReportReason",
        "ReportStatusEnum": "moderation.models.Status",
        "ReportOutcomeEnum": "moderation.models.Outcome",
        "AttachmentKindEnum": [(kind, kind) for kind in ("image", "audio", "video", "file")],
        "NotifyEnum": [("all", "all"), ("mentions", "mentions"), ("none", "none")],
        "WhyEnum": "chat.telling.Why",
        "CallResultEnum": "push.models.Result",
        "MessageKindEnum": [("text", "text"), ("system", "system")],
        "RoomOrderEnum": [("activity", "activity"), ("hand", "hand")],
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "chat.api.schema.add_sync",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"not_their_mistakes": {"()": "chatsite.logs.NotTheirMistakes"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "count": {"class": "chat.metrics.CountErrors", "level": "ERROR"},
    },
    "root": {"handlers": ["console", "count"], "level": "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # Anyone can send a wrong Host; each would write 25 lines.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "uvicorn.error": {"filters": ["not_their_mistakes"]},
        "django.channels.server": {"propagate": False},
        "chatsite": {"level": "INFO"},
        "live": {"level": "INFO"},
        "chat": {"level": "INFO"},
        "accounts": {"level": "INFO"},
        "moderation": {"level": "INFO"},
    },
}

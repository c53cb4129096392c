"""The only settings file. What differs between machines comes from the environment.

`docs/settings.md` lists every variable that is read here.
"""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env("VAR_DIR", default=BASE_DIR / "var")).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Give it a long random value, for example from "
            "`python -c 'import secrets; print(secrets.token_urlsafe(50))'`, and keep it. "
            "(`make run` makes one for you; DEBUG=1 does without one.)"
        )
    SECRET_KEY = "only-for-debugging-" + "0" * 40
# Keys of before, the newest first: what they signed still counts, and nothing is signed with them.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# A process for readers alone: it has no desk and no sessions, writes nothing, and reads the
# database with a role that is shown what is public (`manage.py grant_roles`, docs/deploy.md).
PUBLIC_ONLY = env.bool("PUBLIC_ONLY", default=False)

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "tracker",
    "tracker.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "csp",
    "simple_history",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "lingang.access.access",
    "lingang.gate.gate",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages come compressed, for who pays by the byte. What forms keep secret stays so: Django
    # masks their tokens anew each time, and hides how long an answer is with random bytes.
    "django.middleware.gzip.GZipMiddleware",
    "lingang.caching.caching",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "lingang.gate.own_origin_only",
    "lingang.sessions.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lingang.sessions.ending",
    "lingang.refusals.telling",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Tells a view whether the list's own script asks, which wants the parts that change.
    "django_htmx.middleware.HtmxMiddleware",
    "lingang.gate.Unavailable",
    "lingang.replica.reading",
    "lingang.moment.at_one_moment",
    # Tells the history of titles, responsibilities and milestones who is signed in.
    "simple_history.middleware.HistoryRequestMiddleware",
    # Last, as it asks: answers who tried too often to sign in.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "lingang.urls"
if PUBLIC_ONLY:
    ROOT_URLCONF = "lingang.public_urls"
    _OF_THE_DESK = {
        "tracker.apps.DeskConfig",
        "django.contrib.sessions",
        "django.contrib.messages",
        "axes",
        "django_otp",
        "django_otp.plugins.otp_totp",
    }
    INSTALLED_APPS = [app for app in INSTALLED_APPS if app not in _OF_THE_DESK]
    _OF_STAFF = {
        "lingang.sessions.Sessions",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "lingang.sessions.ending",
        "lingang.refusals.telling",
        "django.contrib.messages.middleware.MessageMiddleware",
        "simple_history.middleware.HistoryRequestMiddleware",
        "axes.middleware.AxesMiddleware",
    }
    MIDDLEWARE = [layer for layer in MIDDLEWARE if layer not in _OF_STAFF]
WSGI_APPLICATION = "lingang.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        # Before the admin's own, so that templates/admin/ is found first.
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                *(
                    []
                    if PUBLIC_ONLY
                    else [
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                ),
            ],
        },
    }
]

# --- The database: SQLite unless DATABASE_URL says otherwise ---------------------------

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'tracker.sqlite3'}")
}
_database = DATABASES["default"]
if _database.get("ENGINE") not in {
    "django.db.backends.sqlite3",
    "django.db.backends.postgresql",
}:
    raise ImproperlyConfigured(
        "DATABASE_URL names neither SQLite nor PostgreSQL. Write it as "
        "sqlite:////path/to/file or postgres://user:password@host:5432/name."
    )
_database.setdefault("OPTIONS", {})
# In an address, the folder of a socket is written with %2F for its slashes.
_database["HOST"] = unquote(_database.get("HOST") or "")
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # The file stays open, as long as it is the one that lies at its place.
    _database |= {
        "ENGINE": "lingang.file_database",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
    _database["OPTIONS"] |= {
        "timeout": 20,
        # A transaction that will write takes its lock at once: two writers queue, none fails.
        "transaction_mode": "IMMEDIATE",
        # FULL, not NORMAL: in WAL mode, NORMAL loses acknowledged commits at a power cut.
        "init_command": (
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
        ),
    }
    # A file, not memory: tests run under the journal and locks that the site runs under.
    _database["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
elif _database["ENGINE"] == "django.db.backends.postgresql":
    _pool = {
        "min_size": 1,
        "max_size": env.int("DATABASE_POOL_SIZE", default=8),
        # A server that starts anew is waited for; of several, another answers soon or none does.
        "timeout": 3 if "," in str(_database["HOST"]) else 5,
        # Not longer: then whoever asks next tries anew, and need not wait for a pause to end.
        "reconnect_timeout": 5,
    }
    _database["OPTIONS"].setdefault("pool", _pool)

# Pages that are the same for everybody are read from here: `lingang/replica.py`.
if env("DATABASE_REPLICA_URL", default=""):
    DATABASES["replica"] = env.db_url("DATABASE_REPLICA_URL")
    if {each["ENGINE"] for each in DATABASES.values()} != {"django.db.backends.postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_REPLICA_URL asks for PostgreSQL, there and in DATABASE_URL: SQLite has no "
            "replicas."
        )
    DATABASES["replica"].setdefault("OPTIONS", {})
    # Of several hosts, those that came back are found again when connections end of age.
    DATABASES["replica"]["OPTIONS"].setdefault("pool", {**_pool, "max_lifetime": 10 * 60})
    DATABASE_ROUTERS = ["lingang.replica.Router"]
for _each in DATABASES.values():
    if "," in str(_each.get("HOST")) or len(DATABASES) > 1:
        # A server that is gone is found out before it is asked, and not waited for.
        _each["CONN_HEALTH_CHECKS"] = True
        _each["OPTIONS"] = {"connect_timeout": 2, "tcp_user_timeout": 5000, **_each["OPTIONS"]}
if PUBLIC_ONLY:
    for _each in DATABASES.values():
        if _each["ENGINE"] != "django.db.backends.postgresql":
            raise ImproperlyConfigured(
                "PUBLIC_ONLY needs PostgreSQL: what reads SQLite's file reads all of it."
            )
        _each["ENGINE"] = "lingang.public_database"
        _each["OPTIONS"]["options"] = (
            "-c search_path=tracker_public -c default_transaction_read_only=on "
            "-c statement_timeout=30s"
        )

# Where pg_dump and pg_restore are, if neither on the path nor where Debian puts them.
POSTGRES_BIN = env("POSTGRES_BIN", default="")

# A cache in the process's memory, or one that several machines share. Valkey speaks as Redis does.
_cache = env("CACHE_URL", default="locmemcache://")
CACHES = {"default": env.cache_url_config(re.sub("^valkey", "redis", _cache))}
if CACHES["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache":
    CACHES["default"]["BACKEND"] = "lingang.shared.Shared"
# How much of each process's memory public pages may fill that are kept as they were sent.
KEPT_PAGES_MB = env.int("KEPT_PAGES_MB", default=64)
# Where the processes of a machine tell each other the present edition of the record.
EDITION_FILE = Path(env("EDITION_FILE", default=VAR_DIR / "edition"))
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
# A mail server that does not answer must not hold up whoever waits.
EMAIL_TIMEOUT = 10

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People --------------------------------------------------------------------------

AUTH_USER_MODEL = "tracker.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "tracker.forms.passwords.LongEnoughValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "tracker.forms.passwords.NothingKnownValidator"},
]
# The file of breached passwords that Have I Been Pwned's downloader writes, if there is one here.
BREACHED_PASSWORDS = env("BREACHED_PASSWORDS", default="")
if BREACHED_PASSWORDS:
    AUTH_PASSWORD_VALIDATORS.append(
        {
            "NAME": "tracker.forms.passwords.NotBreachedValidator",
            "OPTIONS": {"path": BREACHED_PASSWORDS},
        }
    )
# For so long a link by which somebody chooses their password waits for them.
PASSWORD_RESET_TIMEOUT = env.int("INVITATION_HOURS", default=24) * 60 * 60
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "admin:login"
# Whether each of staff must have a second factor. Who has one is asked for it in any case.
REQUIRE_2FA = env.bool("REQUIRE_2FA", default=not DEBUG)
OTP_TOTP_ISSUER = "Pledge tracker"
SESSION_ENGINE = "lingang.sessions"
# A new password, a new right, a new factor: only shortly after one proved who one is.
PROOF_SECONDS = env.int("PROOF_MINUTES", default=15) * 60
# Whoever is signed in signs in anew after so long, and after so long without a request.
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=8) * 60 * 60
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_MINUTES", default=30) * 60

# Five wrong passwords of one person from one address, and that address waits a quarter of an hour:
# nobody can shut others out by trying from elsewhere. What is counted stands in the database, and
# so holds for every process.
AUTHENTICATION_BACKENDS = (
    []
    if PUBLIC_ONLY
    else ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
)
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_CALLABLE = "tracker.views.errors.too_many_tries"
AXES_VERBOSE = False
# It keeps what was sent with a wrong try, but for these.
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "ip_address",
    "code",
    "recovery",
    "passkey",
    "csrfmiddlewaretoken",
]
AXES_CLIENT_IP_CALLABLE = "tracker.views.allowance.sender"

# --- Languages and days ----------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
# The record's days are Shanghai's: DESIGN, rule 3.
TIME_ZONE = "Asia/Shanghai"

# --- Static files ----------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Processes that share no VAR_DIR may share this.
STATIC_ROOT = Path(env("STATIC_DIR", default=VAR_DIR / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Of a picture that is text, too, it is told in which encoding.
WHITENOISE_MIMETYPES = {".svg": "image/svg+xml; charset=utf-8"}
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"

# --- What browsers are told ------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # Said by `default-src` already; those who look for it by its name shall find it.
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "tracker.views.errors.forged"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
# Nothing here wants to see, hear, locate or pay.
PERMISSIONS_POLICY = {
    name: []
    for name in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
}
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# Plain http is for one's own machine only: `make run` turns this off on a loopback address.
HTTPS_ONLY = env.bool("HTTPS_ONLY", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS_ONLY
# The health addresses answer a load balancer that speaks plain http inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
if HTTPS_ONLY:
    # A browser takes cookies of these names from this host alone, over TLS alone.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
# What the desk tells somebody next stays on the server: by itself Django puts it into a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- The API -----------------------------------------------------------------------------

REST_FRAMEWORK = {
    # It shows what everybody may see: nobody is asked who they are, and no cookie is read.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "tracker.api.views.problem",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Pledge tracker",
    "DESCRIPTION": "The public record of what was pledged and what came of it, read-only.",
    "VERSION": "1",
    "LICENSE": {"name": "MIT"},
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# --- What operators are told -------------------------------------------------------------

LOG_FORMAT = env("LOG_FORMAT", default="text" if DEBUG else "json")
if LOG_FORMAT not in {"json", "text"}:
    raise ImproperlyConfigured("LOG_FORMAT is neither json nor text.")
ADMINS = [("operator", address) for address in env.list("ERROR_MAIL_TO", default=[])]
_TOLD = ["log", "mail"] if ADMINS else ["log"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "lingang.logs.Json"},
        "text": {"()": "lingang.logs.Text"},
    },
    "handlers": {
        "log": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
        "mail": {"class": "lingang.logs.MailHandler"},
    },
    "root": {"handlers": _TOLD, "level": "WARNING"},
    "loggers": {
        # Whatever Django and the server would write in their own way goes through the root.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "gunicorn.error": {"handlers": _TOLD, "level": "WARNING", "propagate": False},
        "lingang": {"level": "INFO"},
    },
}
# Without it /metrics is not found. Its counts lie here unless PROMETHEUS_MULTIPROC_DIR is set.
METRICS_TOKEN = env("METRICS_TOKEN", default="")
METRICS_DIR = VAR_DIR / "metrics"

# --- The record ------------------------------------------------------------------------

# Under which licence the data are given, by its name in the SPDX list: the operator decides.
DATA_LICENCE = env("DATA_LICENCE", default="CC-BY-4.0")

# A pledge that is not at an end is stale when its latest entry took effect longer ago than this.
STALE_AFTER_DAYS = env.int("STALE_AFTER_DAYS", default=365)
# The socket of ClamAV's clamd, which looks into each file that staff send; none where it is empty.
CLAMD_SOCKET = env("CLAMD_SOCKET", default="")
# Whether the gallery of components is shown, which is for those who work on the pages.
SHOW_COMPONENTS = env.bool("SHOW_COMPONENTS", default=DEBUG)
# Where readers and staff reach the site, for the links in mails; and whom mails come from.
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
DEFAULT_FROM_EMAIL = env("FROM_EMAIL", default="pledges@localhost")

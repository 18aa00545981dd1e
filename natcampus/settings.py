"""Settings of NAT Global Campus: every difference between machines is a variable."""

from datetime import timedelta
from email.utils import parseaddr

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from natcampus import env, logs, schedule

django_stubs_ext.monkeypatch()

BASE_DIR = env.BASE_DIR
DEBUG = env.flag("DEBUG", default=True)
VAR_DIR = env.path("VAR_DIR", BASE_DIR / "var")
SECRET_KEY = env.secret_key(debug=DEBUG, var_dir=VAR_DIR)
PORT = env.number("PORT", 8000)
SITE_URL = env.required(
    "SITE_URL", debug=DEBUG, default=f"http://127.0.0.1:{PORT}"
).rstrip("/")
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"] if DEBUG else None
)
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names of the site, without *.")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

SITE_NAME = "NAT Global Campus"
PROVIDER_NAME = "Niel Asher Education"
PROVIDER_ADDRESS = env.text("PROVIDER_ADDRESS", "Sample address, replace before launch")
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL", "hello@natglobalcampus.example")

# Applications

INSTALLED_APPS = [
    "natcampus",
    "articles",
    "directory",
    "certification",
    "courses",
    "billing",
    "accounts",
    "mail",
    "core",
    "natcampus.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.flatpages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_prose_editor",
    "django_structlog",
    "heroicons",
    "nested_admin",
]
SITE_ID = 1

MIDDLEWARE = [
    "natcampus.middleware.health",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "natcampus.middleware.RequestLog",
    "natcampus.middleware.response_headers",
    "csp.middleware.CSPMiddleware",
    "natcampus.middleware.readable_requests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "natcampus.middleware.user_in_log",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "natcampus.middleware.user_sessions",
    "natcampus.middleware.own_time",
    "natcampus.middleware.staff_mfa",
    "natcampus.middleware.our_error_pages",
]
ROOT_URLCONF = "natcampus.urls"
WSGI_APPLICATION = "natcampus.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "heroicons.templatetags.heroicons",
                "core.templatetags.components",
                "django.templatetags.cache",
                "django.templatetags.static",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "natcampus.context.site",
            ],
        },
    }
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Data

DATABASES = {
    "default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3,
        # A network that swallows packets is given up after about ten seconds.
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        # Compiling a query takes seconds, and saves less on pages and jobs like these.
        "options": "-c jit=off -c statement_timeout={} -c lock_timeout=4000".format(
            env.number("DATABASE_STATEMENT_TIMEOUT_MS", 5000)
        ),
        **DATABASES["default"].get("OPTIONS", {}),  # from the URL, such as sslmode
    }
DATABASES["default"]["CONN_MAX_AGE"] = env.number("CONN_MAX_AGE", 600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

REDIS_URL = env.text("REDIS_URL")
FILE_CACHE: dict[str, object] = {
    "BACKEND": "core.cache.SharedFileCache",
    "LOCATION": str(VAR_DIR / "cache"),
}
CACHES: dict[str, dict[str, object]] = {
    "default": {
        "BACKEND": "core.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
    if REDIS_URL
    else FILE_CACHE,
    "spare": FILE_CACHE,  # of Redis, while it does not answer
    # In the process: the cheapest place, and a new release never meets old markup.
    "template_fragments": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    if DEBUG
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "fragments",
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())

# Tasks

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL") or REDIS_URL or "filesystem://"
CELERY_BROKER_TRANSPORT = (
    "core.broker:Transport" if CELERY_BROKER_URL == "filesystem://" else None
)
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = (
    {
        "data_folder_in": str(VAR_DIR / "broker" / "queue"),
        "data_folder_out": str(VAR_DIR / "broker" / "queue"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
    }
    if CELERY_BROKER_URL == "filesystem://"
    # A page waits no longer; a worker does (natcampus/celery.py).
    else {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "max_retries": 0}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = schedule.SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

# Files

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "media/"
MEDIA_ROOT = env.path("MEDIA_ROOT", VAR_DIR / "media")
PRIVATE_MEDIA_ROOT = env.path("PRIVATE_MEDIA_ROOT", VAR_DIR / "private")
PRIVATE_MEDIA_ACCEL = env.text("PRIVATE_MEDIA_ACCEL")  # such as /protected/
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_MEDIA_ROOT, "base_url": "/admin/files/"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "core.storage.BundledStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a course with all its lessons is one admin form
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Email

DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <{SUPPORT_EMAIL}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_MESSAGE_ID_DOMAIN = parseaddr(DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
EMAIL_TIMEOUT = 10
vars().update(env.email("EMAIL_URL", "filemail://"))
EMAIL_FILE_PATH = str(VAR_DIR / "inbox")

# Money

STRIPE_SANDBOX_PORT = env.number("STRIPE_SANDBOX_PORT", 12111)
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY", "sk_test_sandbox" if DEBUG else "")
STRIPE_IS_LIVE = STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))
STRIPE_WEBHOOK_SECRETS = env.words(
    "STRIPE_WEBHOOK_SECRETS", ["whsec_sandbox"] if DEBUG else None
)
STRIPE_API_BASE = env.text("STRIPE_API_BASE")
if not STRIPE_API_BASE and STRIPE_SECRET_KEY == "sk_test_sandbox":  # noqa: S105
    STRIPE_API_BASE = f"http://127.0.0.1:{STRIPE_SANDBOX_PORT}"
if STRIPE_API_BASE and STRIPE_IS_LIVE:
    raise ImproperlyConfigured(
        "A live STRIPE_SECRET_KEY and STRIPE_API_BASE exclude each other."
    )
STRIPE_TIMEOUT_SECONDS = 10
STRIPE_AUTOMATIC_TAX = env.flag("STRIPE_AUTOMATIC_TAX", default=False)
STRIPE_EVENT_BODY_DAYS = env.number("STRIPE_EVENT_BODY_DAYS", 90)
BILLING_GRACE_DAYS = 7

# Learning

ANSWER_WORKING_DAYS = 3  # promised to who asks about a lesson

# Accounts

AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the email is unique whatever its case
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=24).total_seconds())
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"accounts.validators.{name}"}
    for name in ("NotLikeTheAccount", "LongEnough", "NotCommon", "NotOnlyNumbers")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home-learning"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_FORMS = {
    name: f"accounts.forms.entrance.{form}Form"
    for name, form in {
        "add_email": "AddEmail",
        "change_password": "ChangePassword",
        "confirm_login_code": "ConfirmLoginCode",
        "login": "Login",
        "reauthenticate": "Reauthenticate",
        "request_login_code": "RequestLoginCode",
        "reset_password": "ResetPassword",
        "reset_password_from_key": "ResetPasswordKey",
        "set_password": "SetPassword",
        "signup": "Signup",
    }.items()
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = int(timedelta(minutes=10).total_seconds())
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    name: f"accounts.forms.entrance.{form}Form"
    for name, form in {
        "activate_totp": "ActivateTOTP",
        "add_webauthn": "AddWebAuthn",
        "authenticate": "Authenticate",
        "authenticate_webauthn": "AuthenticateWebAuthn",
        "login_webauthn": "LoginWebAuthn",
        "reauthenticate": "MFAReauthenticate",
        "reauthenticate_webauthn": "ReauthenticateWebAuthn",
    }.items()
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody is logged in without a confirmed address
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_TOTP_ISSUER = SITE_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
STAFF_MFA_REQUIRED = env.flag("STAFF_MFA_REQUIRED", default=not DEBUG)
USERSESSIONS_TRACK_ACTIVITY = True
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = (
    {
        "google": {
            "APPS": [
                {
                    "client_id": env.text("GOOGLE_CLIENT_ID"),
                    "secret": env.text("GOOGLE_CLIENT_SECRET"),
                }
            ],
            "SCOPE": ["profile", "email"],
        }
    }
    if env.text("GOOGLE_CLIENT_ID") and env.text("GOOGLE_CLIENT_SECRET")
    else {}
)

# Safety

SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_REDIRECT_EXEMPT = [r"^healthz/$", r"^readyz/$"]
SECURE_HSTS_SECONDS = 0 if DEBUG else int(timedelta(days=365).total_seconds())
# Both bind the whole domain, other sites on it too: the owner of the domain decides.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.flag("HSTS_PRELOAD", default=False)
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
if env.number("TRUSTED_PROXY_COUNT", 0):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [
            SELF,
            STRIPE_API_BASE or "https://checkout.stripe.com https://billing.stripe.com",
            *(["https://accounts.google.com"] if SOCIALACCOUNT_PROVIDERS else []),
        ],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Words and time

LANGUAGE_CODE = "en-us"
USE_I18N = False  # one language: nothing is looked up in catalogs of translations
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = ["natcampus.formats"]

# Logs

LOGGING = logs.configure(debug=DEBUG, level=env.text("LOG_LEVEL", "INFO"))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
logs.start_sentry(env.text("SENTRY_DSN"))

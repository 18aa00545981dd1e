import json
import logging
import os
import subprocess
import sys

import pytest
import sentry_sdk
import structlog
from django.conf import settings
from django.test.signals import template_rendered

from natcampus import logs
from tests.factories.accounts import UserFactory

FAILING_PAGE = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "natcampus.settings"
import sentry_sdk, structlog
from django.test import RequestFactory
from django_structlog.signals import bind_extra_request_metadata
from natcampus.wsgi import application
from sentry_sdk.transport import Transport

class Kept(Transport):
    def capture_envelope(self, envelope):
        if envelope.get_event():
            events.append(envelope.get_event())

events = []
sentry_sdk.get_client().transport = Kept()
@bind_extra_request_metadata.connect
def log(**_):
    structlog.get_logger("mail").warning("sent to maya@example.com: /u/s3cret-of-a-line/")

# The database has no tables yet.
request = RequestFactory().get(
    "/courses/?preview=s3cret-of-the-address&email=maya%40example.com",
    headers={"host": "localhost", "referer": "http://localhost/u/s3cret-before/"},
)
list(application(request.environ, lambda *_: None))
print(json.dumps(events, default=str))
"""


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("POST /v1/customers with sk_live_51Abc", "51Abc"),
        ("GET /account/billing/done/?session_id=cs_test_a1Bc", "a1Bc"),
        ("secret whsec_Xy9 is wrong", "Xy9"),
        ("GET /accounts/confirm-email/MQ:1abc:def/", "1abc"),
        ("GET /accounts/password/reset/key/6-dihnbe-44dfd7/", "44dfd7"),
        ("GET /guides/d/MTI:1vN:signature/", "signature"),
        ("GET /u/WyJhIl0:signature/", "signature"),
        ("GET /articles/draft/?preview=signed", "signed"),
        (
            "GET /accounts/login/?next=/learn/x/%3Fpreview%3Dsig%3Aned%26a=b",
            "sig%3Aned",
        ),
        ("GET /accounts/google/login/callback/?state=abc&code=4/0A", "4/0A"),
    ],
)
def test_keys_tokens_and_codes_are_cut_out_of_every_line(line, secret):
    event = logs.scrub(None, "info", {"event": line, "request": line})

    assert secret not in event["event"]
    assert secret not in event["request"]
    assert "[removed]" in event["event"]


def test_production_writes_one_json_object_a_line():
    handler = logs.configure(debug=False, level="INFO")["formatters"]["line"]
    formatter = handler["()"](
        processor=handler["processor"], foreign_pre_chain=handler["foreign_pre_chain"]
    )
    record = logging.LogRecord("mail", logging.ERROR, "", 0, "email failed", (), None)

    line = json.loads(formatter.format(record))

    assert line["event"] == "email failed"
    assert line["level"] == "error"
    assert line["logger"] == "mail"
    assert line["timestamp"].endswith("Z")


def test_a_line_of_django_is_written_once():
    logger = logging.getLogger("django.request")
    handlers = []
    while logger:
        handlers += logger.handlers
        logger = logger.parent if logger.propagate else None

    ours = [row for row in handlers if type(row).__module__ == "logging"]
    assert len(ours) == 1


def test_errors_are_reported_only_with_an_address_and_without_personal_data(
    tmp_path,
):
    assert not sentry_sdk.is_initialized()  # this process has no address

    (event,) = report(
        {"VAR_DIR": str(tmp_path), "SENTRY_DSN": "https://key@sentry.example.com/1"}
    )

    assert event["exception"]["values"][-1]["type"] == "OperationalError"
    assert event["request"]["url"].endswith("/courses/")
    assert "preview=[removed]" in event["request"]["query_string"]
    text = json.dumps(event)
    assert "sent to [removed]" in text
    for secret in ("maya", "127.0.0.1", "s3cret"):
        assert secret not in text
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert not [frame for frame in frames if "vars" in frame]


def report(environment):
    """Let a page fail in a process of its own; return what it would send to Sentry."""
    done = subprocess.run(
        [sys.executable, "-c", FAILING_PAGE],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"), [("/no-such-page/", 404), ("/verify/a%00b/", 400)]
)
def test_a_refusal_is_logged_once_by_django_with_the_id_of_its_request(
    client, path, status
):
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(
        (record.status_code, structlog.contextvars.get_contextvars().get("request_id"))
    )
    logging.getLogger("django.request").addHandler(handler)

    try:
        client.get(path)
    finally:
        logging.getLogger("django.request").removeHandler(handler)

    [(code, request_id)] = lines
    assert code == status
    assert request_id


@pytest.mark.django_db
def test_what_a_page_logs_names_the_user_by_number(client):
    user = UserFactory()
    client.force_login(user)
    seen = set()

    def note(**_kwargs):
        seen.add(structlog.contextvars.get_contextvars()["user_id"])

    template_rendered.connect(note)
    try:
        client.get("/learn/")
    finally:
        template_rendered.disconnect(note)

    assert seen == {user.pk}

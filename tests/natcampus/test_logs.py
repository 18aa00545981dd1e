import json
import logging

import pytest

from natcampus import logs


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

    ours = [row for row in handlers if "pytest" not in type(row).__module__]
    assert len(ours) == 1


def test_errors_are_reported_only_with_an_address_and_without_personal_data(
    monkeypatch,
):
    started = []
    monkeypatch.setattr(
        logs.sentry_sdk, "init", lambda **options: started.append(options)
    )

    logs.start_sentry("")
    logs.start_sentry("https://key@sentry.example.com/1")

    (options,) = started
    assert options["send_default_pii"] is False
    assert options["max_request_body_size"] == "never"

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.stripe_sandbox.forms import Json


@dataclass(frozen=True)
class Request:
    """One HTTP request, read to its end."""

    method: str
    path: str
    query: str = ""
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    base_url: str = ""


@dataclass
class Response:
    """One HTTP answer; a lost one never arrives, and a reset breaks the line."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0
    lost: bool = False
    reset: bool = False


def as_json(
    status: int, value: Json, headers: dict[str, str] | None = None
) -> Response:
    return Response(
        status,
        json.dumps(value).encode(),
        {"Content-Type": "application/json", **(headers or {})},
    )


def as_html(status: int, text: str) -> Response:
    return Response(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


def see_other(url: str) -> Response:
    return Response(303, b"", {"Location": url})

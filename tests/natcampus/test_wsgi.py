from io import BytesIO

import pytest
from django.test import RequestFactory

from natcampus.wsgi import application


@pytest.mark.django_db(transaction=True)  # a request closes the connections it finds
@pytest.mark.parametrize("charset", ["rot13", "undefined", "latin-1", "no-such", ""])
def test_a_request_is_read_as_utf_8_whatever_it_claims_to_be(charset):
    answers = []
    environ = RequestFactory()._base_environ(
        PATH_INFO="/verify/",
        QUERY_STRING="code=%C3%A9%ff",
        CONTENT_TYPE=f"text/plain; charset={charset}; x=y",
        **{"wsgi.input": BytesIO()},
    )

    page = b"".join(
        application(environ, lambda status, _headers: answers.append(status))
    )

    assert answers == ["200 OK"]
    assert "é\ufffd" in page.decode()
    assert environ["CONTENT_TYPE"] == "text/plain; x=y"

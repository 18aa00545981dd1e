import re

import pytest

from mail import tasks
from mail.models import OutgoingEmail


@pytest.fixture
def deliver(mailoutbox):
    """Send what is queued, as the worker would, and return all that was sent."""

    def send():
        queued = OutgoingEmail.objects.filter(status="queued").order_by("pk")
        for email_id in list(queued.values_list("pk", flat=True)):
            tasks.deliver(email_id=email_id)
        return mailoutbox

    return send


@pytest.fixture
def path_in(settings):
    """Find the first link of our site in an email, as a path for the test client."""

    def find(message):
        link = re.search(re.escape(settings.SITE_URL) + r"(/\S+)", message.body)
        assert link is not None, message.body
        return link[1]

    return find

from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from mail.models import Category, EmailPreference, OutgoingEmail, Suppression
from mail.services import message_id
from tests.factories.accounts import UserFactory

QUEUED_AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


class OutgoingEmailFactory(DjangoModelFactory[OutgoingEmail]):
    class Meta:
        model = OutgoingEmail

    dedupe_key = factory.Sequence("sample:{}".format)
    template = "account/email_confirmation"
    category = Category.SERVICE
    recipient = factory.Sequence("reader{}@example.com".format)
    subject = "Sample subject"
    body_text = "Sample text\n"
    body_html = "<p>Sample text</p>"
    message_id = factory.LazyAttribute(lambda row: message_id(row.dedupe_key))
    queued_at = QUEUED_AT
    next_attempt_at = factory.SelfAttribute("queued_at")


class EmailPreferenceFactory(DjangoModelFactory[EmailPreference]):
    class Meta:
        model = EmailPreference

    user = factory.SubFactory(UserFactory)
    category = Category.NEWS
    is_subscribed = True


class SuppressionFactory(DjangoModelFactory[Suppression]):
    class Meta:
        model = Suppression

    address = factory.Sequence("bounced{}@example.com".format)
    category = ""
    reason = Suppression.Reason.BOUNCE

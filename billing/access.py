"""The one question that other apps ask: may this person open it?"""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts.models import User
from billing.models import AccessGrant, Subscription

LATE_WEBHOOK = timedelta(hours=72)


class AccessState(models.TextChoices):
    """What a person has paid for, as the pages tell it."""

    ANONYMOUS = "anonymous", "Not logged in"
    FREE = "free", "Free account"
    INCOMPLETE = "incomplete", "Payment incomplete"
    ACTIVE = "active", "Active"
    PAST_DUE = "past_due", "Past due"
    CANCELING = "canceling", "Canceled, period running"
    LAPSED = "lapsed", "Lapsed"
    COMP = "comp", "Complimentary"
    STAFF = "staff", "Staff"

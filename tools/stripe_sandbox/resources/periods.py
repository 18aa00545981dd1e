"""Calendar arithmetic of billing periods, in seconds since the epoch."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

from tools.stripe_sandbox.forms import Json

HOUR = 3600
DAY = 24 * HOUR
MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


def move_on(subscription: Json) -> None:
    """Begin the next period of every item of a subscription."""
    for item in subscription["items"]["data"]:
        start = item["current_period_end"]
        item["current_period_start"] = start
        item["current_period_end"] = period_end(start, item["price"]["recurring"])


def period_end(start: int, recurring: Json) -> int:
    """Return the end of one period; the 31st becomes a shorter month's last day."""
    moment = datetime.fromtimestamp(start, tz=UTC)
    count = int(recurring["interval_count"])
    interval = recurring["interval"]
    if interval in DAYS:
        return int((moment + timedelta(days=DAYS[interval] * count)).timestamp())
    months = moment.year * 12 + moment.month - 1 + MONTHS[interval] * count
    year, month = divmod(months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return int(moment.replace(year=year, month=month + 1, day=day).timestamp())

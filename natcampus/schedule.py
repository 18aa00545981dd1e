"""When beat starts which job."""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    # A job that waited its whole turn is dropped: workers that were away find one.
    name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for name, task, seconds in (
        ("sweep-emails", "mail.jobs.sweep", 60),
        ("sweep-stripe-events", "billing.jobs.sweep_events", 60),
        ("work-stripe-outbox", "billing.jobs.work_outbox", 60),
        ("refresh-stale-customers", "billing.jobs.refresh_stale", 600),
        ("backfill-stripe-events", "billing.jobs.backfill_events", 600),
        ("sync-waiting-prices", "billing.jobs.sync_waiting_prices", 600),
        ("close-overdue-pages", "billing.jobs.close_overdue_attempts", 3600),
        ("resume-subscriptions", "billing.jobs.resume_due_subscriptions", 3600),
        ("move-subscribers", "billing.jobs.move_subscribers", 3600),
        ("send-billing-notices", "billing.jobs.send_dated_notices", 3600),
        ("close-attempts", "courses.jobs.close_attempts", 60),
        ("scan-course-emails", "courses.jobs.scan_course_emails", 600),
        ("sweep-streams", "courses.jobs.sweep_streams", 60),
        ("sweep-certificates", "certification.jobs.sweep", 60),
        ("purge-emails", "mail.jobs.purge", 3600),
        ("purge-notes", "courses.jobs.purge_notes", 3600),
    )
}
SCHEDULE["reconcile-stripe"] = {
    "task": "billing.jobs.reconcile",
    "schedule": crontab(hour=9, minute=17),  # the small hours from New York to Hawaii
    "options": {"expires": 3600},
}
SCHEDULE["purge-stripe-events"] = {
    "task": "billing.jobs.purge_event_bodies",
    "schedule": crontab(hour=9, minute=47),
    "options": {"expires": 3600},
}
SCHEDULE["tell-open-questions"] = {
    "task": "courses.jobs.tell_open_questions",
    "schedule": crontab(hour=13, minute=7, day_of_week="mon-fri"),  # the US morning
    "options": {"expires": 3600},
}

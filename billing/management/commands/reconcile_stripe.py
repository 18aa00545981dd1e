from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing import gateway, services
from billing.models import ReconcileRun


class Command(BaseCommand):
    help = "Compare all customers and subscriptions with Stripe, and repair them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Tell the differences only."
        )
        parser.add_argument(
            "--force",
            action="store_true",
            help="Repair although many people lose access by it.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        is_loud = options["verbosity"] > 0
        try:
            run = services.reconcile(
                at=timezone.now(),
                is_dry_run=options["dry_run"],
                is_forced=options["force"],
                tell=self.stdout.write if is_loud else _keep_silent,
            )
        except gateway.GatewayError as error:
            raise CommandError(str(error)) from error
        if run is None:
            raise CommandError("Online payment is not set up yet.")
        if is_loud:
            self._report(run)
        if run.was_stopped and not run.is_dry_run:
            raise CommandError(
                f"{run.losing_access} people would lose access: nothing was changed. "
                "Look at the differences; --force repairs them all the same."
            )
        if run.failed:
            raise CommandError(f"{run.failed} customers failed; the log says why.")

    def _report(self, run: ReconcileRun) -> None:
        for told in run.differences:
            values = "{here} here, {there} at Stripe".format(
                here=told["here"] or "nothing", there=told["there"] or "nothing"
            )
            subject = told["subject"] or told["customer"]
            self.stdout.write(f"{told['kind']}: {subject}: {values}")
        self.stdout.write(
            f"{run.checked} customers checked, {run.differing} differ, "
            f"{run.repaired} repaired, {run.failed} failed, "
            f"{run.losing_access} would lose access"
        )


def _keep_silent(_progress: str) -> None:
    pass

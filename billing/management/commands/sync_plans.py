from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing import gateway, services


class Command(BaseCommand):
    help = "Create the products and prices of the local plans at Stripe."

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            prices = services.sync_plans()
        except gateway.GatewayError as error:
            raise CommandError(str(error)) from error
        for price in prices if options["verbosity"] else ():
            told = (
                f"{price.slug}: {price} is {price.stripe_price_id} {price.difference}"
            )
            self.stdout.write(told.rstrip())

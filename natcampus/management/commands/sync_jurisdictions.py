from django.core.management.base import BaseCommand

from natcampus.jurisdictions import sync_jurisdictions


class Command(BaseCommand):
    help = "Create the states, provinces and countries that are missing, for licenses."

    def handle(self, *_args: object, **_options: object) -> None:
        self.stdout.write(f"{sync_jurisdictions()} jurisdictions created.")

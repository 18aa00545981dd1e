from django.core.management.base import BaseCommand

from natcampus.pages import sync_pages


class Command(BaseCommand):
    help = "Create the legal, help and contact pages that are missing, to be written."

    def handle(self, *_args: object, **_options: object) -> None:
        for page in sync_pages():
            self.stdout.write(f"{page.url} waits for its words.")

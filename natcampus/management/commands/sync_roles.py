from django.core.management.base import BaseCommand

from natcampus.roles import sync_roles


class Command(BaseCommand):
    help = "Create or update the groups of the staff: Editor, Support, Finance."

    def handle(self, *_args: object, **_options: object) -> None:
        names = ", ".join(sync_roles())
        self.stdout.write(f"Groups in place: {names}.")

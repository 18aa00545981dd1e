from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class NatcampusConfig(AppConfig):
    name = "natcampus"

    def ready(self) -> None:
        """Create the folders of the filesystem broker; kombu expects them to exist."""
        options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        for name in ("data_folder_in", "control_folder"):
            if name in options:
                Path(str(options[name])).mkdir(parents=True, exist_ok=True)

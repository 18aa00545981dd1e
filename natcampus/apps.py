from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin_apps


class AdministrationConfig(admin_apps.AdminConfig):
    default = False  # of two in this module, the settings name this one in full
    default_site = "natcampus.administration.CampusAdminSite"


class NatcampusConfig(AppConfig):
    name = "natcampus"
    default = True

    def ready(self) -> None:
        """Connect the checks; create the folders that kombu expects to exist."""
        from natcampus import checks  # noqa: F401 - connects them

        options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        for name in ("data_folder_in", "control_folder"):
            if name in options:
                Path(str(options[name])).mkdir(parents=True, exist_ok=True)

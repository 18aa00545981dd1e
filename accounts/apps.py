from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """Let the staff log in to the admin through the one login of the site."""
        from allauth.account.decorators import secure_admin_login  # noqa: PLC0415 - apps are loaded only now
        from django.contrib import admin  # noqa: PLC0415

        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign] # allauth's documented way

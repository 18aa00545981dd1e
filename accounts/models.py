from typing import Any, ClassVar
from uuid import uuid4
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractUser, UserManager as DjangoUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Upper

from core.models import TimestampedModel


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("Choose a time zone from the list.")


class Profession(models.Model):
    """What a professional practices, such as massage therapist."""

    slug = models.SlugField(
        "address",
        unique=True,
        help_text="Part of the catalog's address when people filter it by profession.",
    )
    name = models.CharField(max_length=80)
    name_plural = models.CharField(max_length=80)
    weight = models.PositiveSmallIntegerField(
        "position", default=0, help_text="Lower comes first."
    )

    def __str__(self) -> str:
        return self.name


class Jurisdiction(models.Model):
    """A state or country whose board licenses professionals."""

    code = models.CharField(
        max_length=12, unique=True, help_text="ISO 3166, such as US-FL."
    )
    name = models.CharField(max_length=80)
    country = models.CharField(max_length=80)

    def __str__(self) -> str:
        if self.name == self.country:
            return self.name
        return f"{self.name}, {self.country}"


class UserManager(DjangoUserManager["User"]):
    """Creates users by email; there is no username."""

    def create_user(  # type: ignore[override] # the email takes the username's place
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(  # type: ignore[override] # the email takes the username's place
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        return self.create_user(
            email, password, **{"is_staff": True, "is_superuser": True, **fields}
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A person with an account: a learner, a member or one of the staff."""

    username = None  # type: ignore[assignment] # people log in by email
    first_name = None  # type: ignore[assignment] # names have no universal halves
    last_name = None  # type: ignore[assignment]

    email = models.EmailField("email address")
    name = models.CharField(max_length=150, blank=True)
    certificate_name = models.CharField(
        "name on certificate",
        max_length=150,
        blank=True,
        help_text="As it appears on your license.",
    )
    profession = models.ForeignKey(
        Profession,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="users",
    )
    time_zone = models.CharField(
        max_length=64, default="America/New_York", validators=[validate_time_zone]
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        indexes = [models.Index(fields=["email"])]
        constraints = [
            models.UniqueConstraint(
                Upper("email"),  # what PostgreSQL looks up for `iexact`
                name="%(app_label)s_%(class)s_one_per_email",
                violation_error_message="An account with this email address exists.",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name or self.email.partition("@")[0]

    @property
    def initials(self) -> str:
        """Return up to two letters for the avatar tile."""
        words = (self.name or self.email).split()
        return "".join(word[0] for word in (*words[:1], *words[1:][-1:])).upper()


class License(TimestampedModel):
    """A credential that a board granted to a professional."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="licenses")
    profession = models.ForeignKey(Profession, on_delete=models.PROTECT)
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    number = models.CharField("license number", max_length=60)
    expires_date = models.DateField("expires on", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "profession", "jurisdiction", "number"],
                name="%(app_label)s_%(class)s_one_per_number",
                violation_error_message="This license is already on your list.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.profession} {self.number}, {self.jurisdiction}"

"""Who grants credit for a course, by which rules, and between which days."""

from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, Subquery

from accounts.models import Jurisdiction, License, Profession, User
from core.models import TimestampedModel
from courses.models.catalog import Course
from courses.models.versions import CourseVersion

ALARM_DAYS = (90, 60, 30)  # staff are told so long before an accreditation ends


class CreditBody(TimestampedModel):
    """A board or registry that grants credit, with what it asks of course and learner."""

    class Minutes(models.IntegerChoices):
        FIFTY = 50, "50 minutes"
        SIXTY = 60, "60 minutes"

    class CertificateField(models.TextChoices):
        LICENSE = "license", "License number and state"
        APPROVAL_NUMBER = "approval_number", "Approval number"
        FORMAT = "format", "Format, such as home study"
        STARTED = "started", "Day of the start"
        LEVEL = "level", "Instructional level"
        OBJECTIVES = "objectives", "Learning objectives"
        INSTRUCTOR = "instructor", "Instructor with credentials"
        PROVIDER_ADDRESS = "provider_address", "Address of the provider"
        LOCATION = "location", "Location, such as online"
        HOUR_BASIS = "hour_basis", "Minutes in an hour"
        SCORE = "score", "Score of the final quiz"
        SIGNATURE = "signature", "Signature with title"

    name = models.CharField(max_length=120, unique=True)
    short_name = models.CharField(
        max_length=40, unique=True, help_text="Where space is short, such as NCBTMB."
    )
    slug = models.SlugField(
        "address", unique=True, help_text="In addresses that filter by this body."
    )
    unit = models.CharField(
        max_length=30,
        default="CE hours",
        help_text="The word of the body itself: CE hours, contact hours, CEU, CCU.",
    )
    contact_hours_per_unit = models.PositiveSmallIntegerField(
        default=1, help_text="10 where one CEU stands for ten hours of instruction."
    )
    minutes_per_hour = models.PositiveSmallIntegerField(
        choices=Minutes, default=Minutes.SIXTY
    )
    pass_mark = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Percent. Raises the pass mark of final quizzes for those who earn "
        "by this body, and never lowers it. Empty: the quiz decides.",
    )
    requires_evaluation = models.BooleanField(
        "evaluation comes before the certificate", default=False
    )
    requires_attestation = models.BooleanField(
        "attestation comes before a quiz",
        default=False,
        help_text="Learners confirm who they are. Final quizzes ask for it anyway.",
    )
    study_minutes_per_hour = models.PositiveSmallIntegerField(
        "minutes of study for each hour",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Active minutes for each hour of the accreditation, before a final "
        "quiz opens. Empty: none.",
    )
    required_fields = models.JSONField(
        "certificate must show",
        default=list,
        blank=True,
        help_text="Besides name, title, hours and day, which stand on each.",
    )
    passed_kind = models.CharField(
        "certificate after a quiz",
        max_length=60,
        default="Certificate of Achievement",
        help_text="The words of the body for a course that was passed by a quiz.",
    )
    attended_kind = models.CharField(
        "certificate without a quiz",
        max_length=60,
        default="Certificate of Completion",
    )
    retention_years = models.PositiveSmallIntegerField(
        "records are kept for years", default=7, validators=[MinValueValidator(1)]
    )
    source_url = models.URLField(
        "source", help_text="The page of the body where these rules are written."
    )
    checked_date = models.DateField(
        "checked on", help_text="The day on which somebody compared them last."
    )

    class Meta:
        verbose_name_plural = "credit bodies"
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes_per_hour__in=[50, 60]),
                name="%(app_label)s_%(class)s_hour_has_50_or_60_minutes",
            ),
            models.CheckConstraint(
                condition=Q(contact_hours_per_unit__gt=0),
                name="%(app_label)s_%(class)s_unit_holds_an_hour",
                violation_error_message="A unit stands for at least one hour.",
            ),
            models.CheckConstraint(
                condition=Q(pass_mark__isnull=True)
                | Q(pass_mark__gte=1, pass_mark__lte=100),
                name="%(app_label)s_%(class)s_pass_mark_is_percent",
                violation_error_message="The pass mark is a percentage from 1 to 100.",
            ),
            models.CheckConstraint(
                condition=Q(study_minutes_per_hour__isnull=True)
                | Q(
                    study_minutes_per_hour__gt=0,
                    study_minutes_per_hour__lte=F("minutes_per_hour"),
                ),
                name="%(app_label)s_%(class)s_study_fits_the_hour",
                violation_error_message="Ask for no more minutes of study than the "
                "hour of this body has.",
            ),
            models.CheckConstraint(
                condition=Q(retention_years__gt=0),
                name="%(app_label)s_%(class)s_keeps_records",
                violation_error_message="Keep records for at least one year.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccreditationQuerySet(models.QuerySet["Accreditation"]):
    def begun(self, *, on: date) -> Self:
        """Keep those that are valid on the day, or were before it."""
        return self.filter(valid_from__lte=on)

    def valid(self, *, on: date) -> Self:
        return self.begun(on=on).filter(valid_until__gte=on)

    def expired(self, *, on: date) -> Self:
        return self.filter(valid_until__lt=on)

    def expiring(self, *, on: date, days: int) -> Self:
        """Keep those that are valid, end within so many days, and are not renewed."""
        ending = self.valid(on=on).filter(valid_until__lte=on + timedelta(days=days))
        return ending.exclude(Exists(_renewals()))

    def of_version(self, version_id: int) -> Self:
        """Keep those that were confirmed for the version; nothing is inherited."""
        return self.filter(confirmations__version=version_id)

    def of_newest(self) -> Self:
        """Keep those that hold for whoever starts their course now."""
        versions = CourseVersion.objects.filter(course=OuterRef("course"))
        newest = versions.order_by("-number").values("pk")[:1]
        return self.filter(confirmations__version=Subquery(newest))

    def earned_by(self, user: User) -> Self:
        """Keep what serves one of the person's licenses; without any license, all."""
        licenses = License.objects.filter(user=user)
        served = licenses.filter(
            _serves(Accreditation.professions.through, "profession"),
            _serves(Accreditation.jurisdictions.through, "jurisdiction"),
        )
        return self.filter(~Exists(licenses) | Exists(served))

    def with_body(self) -> Self:
        """Load the body too, in an order that stays."""
        return self.select_related("body").order_by("body__name", "-valid_until", "pk")


def _renewals() -> AccreditationQuerySet:
    """Find what follows an approval without a gap, for whoever starts the course now."""
    last = OuterRef("valid_until")
    day_after = ExpressionWrapper(
        last + timedelta(days=1), output_field=models.DateField()
    )
    return Accreditation.objects.of_newest().filter(
        course=OuterRef("course"),
        body=OuterRef("body"),
        valid_until__gt=last,
        valid_from__lte=day_after,
    )


def _serves(chosen: type[models.Model], name: str) -> Q:
    """Hold that a license is among what an accreditation names, or that it names none."""
    named: models.QuerySet[models.Model] = models.QuerySet(chosen).filter(
        accreditation=OuterRef(OuterRef("pk"))
    )
    return Q(~Exists(named)) | Q(Exists(named.filter(**{name: OuterRef(name)})))


class Accreditation(TimestampedModel):
    """The approval of a course by a body, for the versions that staff have confirmed.

    Its last day is the one on the letter of the body: credit is earned on it too.
    """

    class Format(models.TextChoices):
        HOME_STUDY = "home_study", "Home study"
        ON_DEMAND = "on_demand", "On demand"
        WEBINAR = "webinar", "Live webinar"
        IN_PERSON = "in_person", "In person"

    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, related_name="accreditations"
    )
    body = models.ForeignKey(
        CreditBody,
        on_delete=models.PROTECT,
        related_name="accreditations",
        verbose_name="credit body",
    )
    versions: "models.ManyToManyField[CourseVersion, AccreditedVersion]" = (
        models.ManyToManyField(
            CourseVersion, through="AccreditedVersion", related_name="accreditations"
        )
    )
    approval_number = models.CharField(max_length=60)
    title = models.CharField(
        "title as filed",
        max_length=200,
        help_text="Letter by letter as the body lists it; boards reject other titles.",
    )
    credit_hours = models.DecimalField(
        "credit as filed",
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text="In the unit of the body: 3 for 3 CE hours, 0.3 for 0.3 CEU.",
    )
    format = models.CharField(
        max_length=16,
        choices=Format,
        default=Format.HOME_STUDY,
        help_text="As filed. Recorded courses are home study for most bodies.",
    )
    professions = models.ManyToManyField(
        Profession,
        blank=True,
        related_name="+",
        help_text="Whose license it serves. None: every profession.",
    )
    jurisdictions = models.ManyToManyField(
        Jurisdiction,
        blank=True,
        related_name="+",
        help_text="Where it serves a license. None: everywhere.",
    )
    valid_from = models.DateField()
    valid_until = models.DateField(
        help_text="The last day, as in the letter. A course that is completed later "
        "earns nothing by it."
    )

    objects = AccreditationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(credit_hours__gt=0),
                name="%(app_label)s_%(class)s_hours_are_positive",
                violation_error_message="Enter the credit as filed, such as 1.5.",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")),
                name="%(app_label)s_%(class)s_ends_after_its_start",
                violation_error_message="The last day comes after the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body.short_name} {self.approval_number}"

    @property
    def study_minutes(self) -> int:
        """Return the minutes of study that come before a final quiz; needs the body."""
        hours = self.credit_hours * self.body.contact_hours_per_unit
        minutes = hours * (self.body.study_minutes_per_hour or 0)
        return int(minutes.to_integral_value(rounding=ROUND_CEILING))

    def validity(self, *, on: date) -> str:
        """Return "to come", "valid" or "expired"."""
        if on < self.valid_from:
            return "to come"
        return "valid" if on <= self.valid_until else "expired"


class AccreditedVersion(models.Model):
    """Somebody of the staff compared a version with what was filed, and confirmed it."""

    accreditation = models.ForeignKey(
        Accreditation, on_delete=models.PROTECT, related_name="confirmations"
    )
    version = models.ForeignKey(
        CourseVersion, on_delete=models.PROTECT, related_name="confirmations"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField()

    class Meta:
        verbose_name = "confirmed version"
        constraints = [
            models.UniqueConstraint(
                fields=["accreditation", "version"],
                name="%(app_label)s_%(class)s_once_a_version",
                violation_error_message="This version is confirmed already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} for {self.accreditation}"

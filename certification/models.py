import hashlib
from typing import Self

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.constraints import both_or_neither
from core.models import TimestampedModel
from core.uploads import private_storage
from courses.models import Enrollment


class Signatory(TimestampedModel):
    """Who signs certificates from a day on; issued ones keep their copy."""

    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120)
    valid_from = models.DateField()

    class Meta:
        verbose_name_plural = "signatories"

    def __str__(self) -> str:
        return f"{self.name}, {self.title}"


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def valid(self) -> Self:
        """Keep the certificates that have not been revoked."""
        return self.filter(revoked_at__isnull=True)

    def without_pdf(self) -> Self:
        """Keep those whose PDF is still to be rendered."""
        return self.filter(pdf="")

    def newest_first(self) -> Self:
        return self.order_by("-completed_date", "-pk")


class Certificate(TimestampedModel):
    """Proof of one completed enrollment; everything that it shows is a copy."""

    class Kind(models.TextChoices):
        ACHIEVEMENT = "achievement", "Certificate of achievement"
        COMPLETION = "completion", "Certificate of completion"

    code = models.CharField(
        "verification code",
        max_length=32,
        unique=True,
        editable=False,
        help_text="At least 100 random bits; whoever has it may verify.",
    )
    number = models.CharField(
        max_length=16, unique=True, editable=False, help_text="Short and readable."
    )
    enrollment = models.OneToOneField(
        Enrollment, on_delete=models.PROTECT, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="certificates",
    )
    kind = models.CharField(max_length=16, choices=Kind)
    holder_name = models.CharField(max_length=150)
    course_title = models.CharField(max_length=150)
    contact_hours = models.DecimalField(max_digits=4, decimal_places=2)
    delivery = models.CharField(max_length=60)
    instructor_names = models.TextField()
    started_date = models.DateField()
    completed_date = models.DateField(help_text="In the holder's time zone.")
    time_zone = models.CharField(max_length=64)
    score_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    provider_name = models.CharField(max_length=120)
    provider_address = models.CharField(max_length=200)
    provider_email = models.EmailField()
    signatory_name = models.CharField(max_length=120)
    signatory_title = models.CharField(max_length=120)
    template_version = models.PositiveSmallIntegerField(default=1)
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=200, blank=True)
    pdf = models.FileField(storage=private_storage, blank=True)
    pdf_sha256 = models.CharField("SHA-256 of the PDF", max_length=64, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        permissions = [("revoke_certificate", "Can revoke certificates")]
        constraints = [
            both_or_neither(
                "revoked_at",
                "revoked_reason",
                name="%(app_label)s_%(class)s_revoked_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(pdf="", pdf_sha256="") | (~Q(pdf="") & ~Q(pdf_sha256="")),
                name="%(app_label)s_%(class)s_pdf_has_hash",
            ),
            models.CheckConstraint(
                condition=~Q(holder_name="") & ~Q(course_title=""),
                name="%(app_label)s_%(class)s_names_are_filled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.holder_name}, {self.course_title}"

    def get_absolute_url(self) -> str:
        return reverse("certification:certificate-verify", args=[self.code])

    @property
    def grouped_code(self) -> str:
        """Return the code in groups of four, as it is printed."""
        return "-".join(self.code[i : i + 4] for i in range(0, len(self.code), 4))

    @property
    def is_valid(self) -> bool:
        return self.revoked_at is None

    def store_pdf(self, content: bytes) -> None:
        """Keep the first PDF that was rendered; a second run changes nothing."""
        storage = self.pdf.storage
        name = storage.save(f"certificates/{self.code}.pdf", ContentFile(content))
        digest = hashlib.sha256(content).hexdigest()
        waiting = Certificate.objects.filter(pk=self.pk, pdf="")
        if not waiting.update(pdf=name, pdf_sha256=digest):
            storage.delete(name)
        self.refresh_from_db(fields=["pdf", "pdf_sha256"])

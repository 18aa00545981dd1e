from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from certification.models import Certificate, Signatory
from tests.factories.courses import EnrollmentFactory


class SignatoryFactory(DjangoModelFactory):
    class Meta:
        model = Signatory

    name = "Sample Signatory"
    title = "Program director"
    valid_from = date(2020, 1, 1)


class CertificateFactory(DjangoModelFactory):
    class Meta:
        model = Certificate

    enrollment = factory.SubFactory(EnrollmentFactory)
    user = factory.SelfAttribute("enrollment.user")
    code = factory.Sequence(lambda n: f"{n:A>22}".replace("0", "Z"))
    number = factory.Sequence(lambda n: f"NGC-TEST-{n:04d}")
    kind = Certificate.Kind.ACHIEVEMENT
    holder_name = "Maya Lindqvist, LMT"
    course_title = factory.SelfAttribute("enrollment.course.title")
    contact_hours = "3.00"
    delivery = "Home study, online"
    instructor_names = "Jonah Ashby, PT, DPT"
    started_date = date(2026, 10, 1)
    completed_date = date(2026, 11, 4)
    time_zone = "America/New_York"
    score_percent = 90
    provider_name = "Niel Asher Education"
    provider_address = "Sample address"
    provider_email = "hello@natglobalcampus.example"
    signatory_name = "Sample Signatory"
    signatory_title = "Program director"
    issued_at = datetime(2026, 11, 4, 12, tzinfo=UTC)

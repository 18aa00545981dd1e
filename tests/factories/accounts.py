import factory
from allauth.account.models import EmailAddress
from factory.django import DjangoModelFactory

from accounts.models import Jurisdiction, License, Profession, User

PASSWORD = "correct horse battery"


class ProfessionFactory(DjangoModelFactory[Profession]):
    class Meta:
        model = Profession
        django_get_or_create = ("slug",)

    slug = factory.Sequence("profession-{}".format)
    name = factory.Sequence("Sample profession {}".format)
    name_plural = factory.LazyAttribute(lambda row: f"{row.name}s")


class JurisdictionFactory(DjangoModelFactory[Jurisdiction]):
    class Meta:
        model = Jurisdiction
        django_get_or_create = ("code",)

    code = factory.Sequence("US-{}".format)
    name = factory.Sequence("Sample state {}".format)
    country = "United States"


class UserFactory(DjangoModelFactory[User]):
    """A person who can log in with PASSWORD once `is_verified=True` is given."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence("person{}@example.com".format)
    name = factory.Sequence("Sample Person {}".format)
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def is_verified(user, create, extracted, **_kwargs):  # noqa: N805 - factory_boy passes the user
        if create and extracted is not None:
            EmailAddress.objects.create(
                user=user, email=user.email, primary=True, verified=extracted
            )


class StaffFactory(UserFactory):
    is_staff = True
    is_superuser = True


class LicenseFactory(DjangoModelFactory[License]):
    class Meta:
        model = License

    user = factory.SubFactory(UserFactory)
    profession = factory.SubFactory(ProfessionFactory)
    jurisdiction = factory.SubFactory(JurisdictionFactory)
    number = factory.Sequence("MA{}".format)

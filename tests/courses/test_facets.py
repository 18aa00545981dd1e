"""The facets of the catalog: what each option would show, within the other facets."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.urls import reverse

from accounts.models import Profession
from courses.models import Instructor
from tests.factories.courses import CourseFactory, InstructorFactory, RegionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

CATALOG = reverse("courses:course-list")


@pytest.fixture
def professions():
    return [
        Profession.objects.create(
            slug=name, name=name.title(), name_plural=name.title(), weight=weight
        )
        for weight, name in enumerate(["massage", "chiropractic"])
    ]


@pytest.fixture
def courses(professions):
    """Three courses that share some of their facets."""
    massage, chiropractic = professions
    ada, ben = InstructorFactory(name="Ada"), InstructorFactory(name="Ben")
    back = RegionFactory(slug="low-back", name="Low back", weight=1)
    rows = [
        CourseFactory(title="One", contact_hours=1, level="introductory"),
        CourseFactory(title="Two", contact_hours=2, level="advanced", region=back),
        CourseFactory(title="Five", contact_hours=5, level="advanced", region=back),
    ]
    rows[0].professions.set([massage])
    rows[1].professions.set([massage, chiropractic])
    rows[2].professions.set([chiropractic])
    rows[0].instructors.set([ada, ben])
    rows[1].instructors.set([ada])
    rows[2].instructors.set([ben])
    return rows


def counts(response, name):
    """Return how many courses each option of one facet would show."""
    for facet, options in response.context["catalog"].facets:
        if facet.name == name:
            return {option.label: option.count for option in options}
    raise AssertionError(name)


def chip(response, value):
    """Return the markup of the filter with this value."""
    found = re.search(
        rf"<label[^>]*><input[^>]*value=\"{value}\".*?</label>",
        response.content.decode(),
    )
    assert found
    return found[0]


@pytest.mark.usefixtures("courses")
def test_each_option_says_how_many_courses_it_shows(client):
    response = client.get(CATALOG)

    assert counts(response, "profession") == {"Massage": 2, "Chiropractic": 2}
    assert counts(response, "region") == {"Hip and thigh": 1, "Low back": 2}
    assert list(counts(response, "hours").values()) == [1, 1, 1]
    assert list(counts(response, "level").values()) == [1, 0, 2]
    assert counts(response, "instructor") == {"Ada": 2, "Ben": 2}


@pytest.mark.usefixtures("courses")
def test_a_facet_is_counted_within_the_others_and_not_within_itself(client):
    response = client.get(CATALOG, {"profession": "massage", "level": "advanced"})

    assert counts(response, "profession") == {"Massage": 1, "Chiropractic": 2}
    assert list(counts(response, "level").values()) == [1, 0, 1]
    assert counts(response, "region") == {"Hip and thigh": 0, "Low back": 1}
    assert counts(response, "instructor") == {"Ada": 1, "Ben": 0}


@pytest.mark.parametrize(
    "name", ["profession", "region", "hours", "level", "instructor"]
)
@pytest.mark.usefixtures("courses")
def test_the_number_of_an_option_is_what_ticking_it_shows(client, name):
    ticked = {"level": ["advanced"], "profession": ["massage"]}
    ticked.pop(name, None)
    facets = client.get(CATALOG, ticked).context["catalog"].facets
    options = next(options for facet, options in facets if facet.name == name)

    shown = [
        client.get(CATALOG, {**ticked, name: option.value})
        .context["catalog"]
        .page.paginator.count
        for option in options
    ]

    assert shown == [option.count for option in options]


@pytest.mark.usefixtures("courses")
def test_an_option_that_shows_nothing_cannot_be_ticked_but_can_be_taken_back(client):
    free = client.get(CATALOG)
    ticked = client.get(CATALOG, {"level": "intermediate"})

    assert "disabled" in chip(free, "intermediate")
    assert "disabled" not in chip(free, "advanced")
    assert "checked" in chip(ticked, "intermediate")
    assert "disabled" not in chip(ticked, "intermediate")


@pytest.mark.usefixtures("courses")
def test_the_catalog_is_filtered_by_instructor(client):
    slug = Instructor.objects.get(name="Ada").slug
    ada = client.get(CATALOG, {"instructor": slug, "sort": "title"})
    nobody = client.get(CATALOG, {"instructor": "nobody"})

    assert [course.title for course in ada.context["catalog"].page] == ["One", "Two"]
    assert ada.context["catalog"].picked == [("Ada", "?sort=title")]
    assert nobody.context["catalog"].page.paginator.count == 0
    assert "Clear filters" in nobody.content.decode()


def test_drafts_and_withdrawn_courses_are_not_counted(client, noon, professions):
    for fields in (
        {"published_at": None},
        {"published_at": noon + timedelta(days=1)},
        {"unpublished_at": noon},
    ):
        course = CourseFactory(**fields)
        course.professions.set(professions)
        course.instructors.add(InstructorFactory())

    facets = client.get(CATALOG).context["catalog"].facets

    assert [facet.name for facet, _options in facets] == ["hours", "level"]
    assert all(not option.count for _facet, options in facets for option in options)


def test_the_facets_cost_the_same_with_100_courses_and_instructors(
    client, professions, django_assert_max_num_queries
):
    for course in CourseFactory.create_batch(100):
        course.professions.set(professions)
        course.instructors.add(InstructorFactory())

    with django_assert_max_num_queries(7):
        client.get(CATALOG, {"profession": "massage"})


@pytest.mark.usefixtures("kept_fragments", "courses")
def test_an_edit_in_the_admin_is_counted_at_once(client, member, courses):
    client.force_login(member)
    before = counts(client.get(CATALOG), "level")

    courses[0].level = "advanced"
    courses[0].save()
    LogEntry.objects.log_actions(member.pk, [courses[0]], CHANGE, "Level")
    after = counts(client.get(CATALOG), "level")

    assert (before["Advanced"], after["Advanced"]) == (2, 3)

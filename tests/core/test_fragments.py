import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.template import Context, Template

from core.fragments import edition, version
from tests.factories.accounts import StaffFactory
from tests.factories.courses import CourseFactory

pytestmark = pytest.mark.django_db


def log_edit(row):
    LogEntry.objects.log_actions(StaffFactory().pk, [row], CHANGE, single_object=True)


def test_the_edition_is_read_once_a_request(rf, django_assert_num_queries):
    request = rf.get("/")

    with django_assert_num_queries(1):
        assert edition(request) == edition(request) == 0


def test_any_edit_in_the_admin_starts_a_new_edition(rf):
    before = edition(rf.get("/"))

    log_edit(CourseFactory())

    assert edition(rf.get("/")) > before


def test_a_version_is_new_when_the_row_is_saved_or_anything_edited(rf):
    course = CourseFactory()
    seen = {version(rf.get("/"), course)}

    course.save()
    seen.add(version(rf.get("/"), course))
    log_edit(CourseFactory())
    seen.add(version(rf.get("/"), course))

    assert len(seen) == 3


@pytest.mark.usefixtures("kept_fragments")
def test_a_fragment_is_rendered_once_an_edition():
    template = Template("{% cache 60 words edition %}{{ words }}{% endcache %}")

    pages = [
        template.render(Context({"edition": number, "words": words}))
        for number, words in ((1, "old"), (1, "new"), (2, "new"))
    ]

    assert pages == ["old", "old", "new"]

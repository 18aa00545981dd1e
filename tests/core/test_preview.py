import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser, Permission
from django.test import RequestFactory

from core.preview import make_token, may_preview
from tests.factories.accounts import UserFactory
from tests.factories.articles import ArticleFactory
from tests.factories.courses import CourseFactory

pytestmark = pytest.mark.django_db


def request(user=None, **query):
    asked = RequestFactory().get("/", query)
    asked.user = user or AnonymousUser()
    return asked


def test_a_preview_link_opens_its_own_page_only():
    course, other = CourseFactory(), CourseFactory()
    visit = request(preview=make_token(course))

    assert may_preview(visit, course)
    assert not may_preview(visit, other)


def test_a_preview_link_works_for_a_week():
    course = CourseFactory()
    with time_machine.travel("2026-03-01 12:00Z", tick=False):
        token = make_token(course)

    with time_machine.travel("2026-03-08 11:59Z", tick=False):
        assert may_preview(request(preview=token), course)
    with time_machine.travel("2026-03-08 12:01Z", tick=False):
        assert not may_preview(request(preview=token), course)


@pytest.mark.parametrize("token", ["", "nonsense", "a:b:c"])
def test_a_made_up_link_opens_nothing(token):
    assert not may_preview(request(preview=token), CourseFactory())


def test_editors_need_no_link_and_everybody_else_does():
    course, article = CourseFactory(), ArticleFactory()
    editor = UserFactory(is_staff=True)
    editor.user_permissions.add(Permission.objects.get(codename="change_course"))

    assert may_preview(request(editor), course)
    assert not may_preview(request(editor), article)
    for visitor in (UserFactory(is_staff=True), UserFactory()):
        assert not may_preview(request(visitor), course)
        assert may_preview(request(visitor, preview=make_token(course)), course)

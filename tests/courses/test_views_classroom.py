"""The classroom: lessons, progress and the end of a course, over HTTP."""

import json

import pytest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from certification.models import Certificate
from courses.models import Enrollment, LessonProgress
from tests.factories.courses import (
    DisclaimerFactory,
    EnrollmentFactory,
    LessonFactory,
    LessonFileFactory,
    LessonProgressFactory,
    ModuleFactory,
    VideoLessonFactory,
)

pytestmark = pytest.mark.usefixtures("clock")

SAVE = reverse("courses:progress-update")


@pytest.fixture
def module(db):
    return ModuleFactory(course__slug="hips")


@pytest.fixture
def video(module):
    return VideoLessonFactory(module=module, slug="palpation")


@pytest.fixture
def enrollment(member, video, client):
    client.force_login(member)
    return EnrollmentFactory(user=member, course=video.course)


def report(client, **changes):
    fields = {
        "course": "hips",
        "lesson": "palpation",
        "position": "10",
        "intervals": "[[0, 10]]",
    }
    return client.post(SAVE, fields | changes)


def test_anonymous_preview_stores_nothing(client, video):
    video.is_preview = True
    video.save()

    response = client.get(video.get_absolute_url())

    assert response.status_code == 200
    assert "data-save-url" not in response.content.decode()
    assert not LessonProgress.objects.exists()


def test_a_member_reads_a_lesson_before_the_course_starts_and_nothing_is_written(
    client, member, video
):
    client.force_login(member)

    page = client.get(video.get_absolute_url()).content.decode()

    assert "You have not started this course" in page
    assert "data-starts" in page
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize("act", ["play", "complete"])
def test_playing_or_completing_a_lesson_starts_its_course(client, member, video, act):
    client.force_login(member)

    if act == "play":
        report(client, intervals="[]")
    else:
        client.post(reverse("courses:lesson-complete", args=["hips", video.slug]))

    enrollment = Enrollment.objects.get()
    assert enrollment.user == member
    assert enrollment.last_lesson == video
    assert "data-starts" not in client.get(video.get_absolute_url()).content.decode()


def test_asking_for_the_head_of_a_lesson_notes_nothing(client, enrollment, video):
    client.head(video.get_absolute_url())

    enrollment.refresh_from_db()
    assert enrollment.last_lesson is None


def test_a_move_without_playing_saves_the_place(client, enrollment, video):
    client.get(video.get_absolute_url())

    response = report(client, position="30", intervals="[]")

    assert response.status_code == 200
    assert enrollment.progress.get().position_seconds == 30


def test_staff_see_a_lesson_without_being_enrolled(client, people, video):
    client.force_login(people["staff"])

    page = client.get(video.get_absolute_url()).content.decode()

    assert "You see this lesson as staff" in page
    assert not Enrollment.objects.exists()


def test_a_lesson_page_resumes_shows_the_transcript_and_leads_on(
    client, enrollment, video, module, noon
):
    after = LessonFactory(module=module, weight=video.weight + 1)
    LessonProgressFactory(enrollment=enrollment, lesson=video, position_seconds=42)

    page = client.get(video.get_absolute_url()).content.decode()

    assert 'data-position="42"' in page
    assert 'data-cue="0.5"' in page
    assert "Mark complete and continue" in page
    assert after.title in page


def test_a_lesson_opens_even_when_the_storage_lost_its_file(client, enrollment, video):
    file = LessonFileFactory(lesson=video, title="Home sheet")
    size = file.file.size
    file.file.storage.delete(file.file.name)

    response = client.get(video.get_absolute_url())

    assert response.status_code == 200
    assert f"Home sheet ({filesizeformat(size)})" in response.content.decode()


def test_every_lesson_page_says_that_it_is_no_diagnosis(client, enrollment, video):
    page = client.get(video.get_absolute_url()).content.decode()

    assert "For education, not diagnosis." in page
    assert reverse("page-legal/medical-disclaimer") in page


def test_mark_complete_goes_on_to_the_next_lesson_and_then_to_the_end(
    client, enrollment, video, module
):
    last = LessonFactory(module=module, weight=video.weight + 1)
    first_url, last_url = (
        reverse("courses:lesson-complete", args=["hips", lesson.slug])
        for lesson in (video, last)
    )

    first = client.post(first_url)
    again = client.post(first_url)
    end = client.post(last_url)

    assert first.url == again.url == last.get_absolute_url()
    assert end.url == reverse("courses:enrollment-complete", args=["hips"])


def test_mark_complete_says_so_once_and_offers_to_take_it_back(
    client, enrollment, video, module, clock
):
    LessonFactory(module=module, weight=video.weight + 1)
    complete = reverse("courses:lesson-complete", args=["hips", video.slug])
    reopen = reverse("courses:lesson-reopen", args=["hips", video.slug])

    page = client.post(complete, follow=True).content.decode()
    clock.shift(2)
    again = client.post(complete, follow=True).content.decode()
    undone = client.post(reopen, follow=True)

    assert "Lesson 1 marked complete." in page
    assert f'action="{reopen}"' in page
    assert "marked complete." not in again
    assert undone.redirect_chain[-1][0] == video.get_absolute_url()
    assert "This lesson is open again." in undone.content.decode()
    assert not LessonProgress.objects.filter(completed_at__isnull=False).exists()


def test_a_lesson_that_stays_complete_says_so(client, enrollment, video, noon, clock):
    LessonProgressFactory(enrollment=enrollment, lesson=video, completed_at=noon)
    clock.shift(3600)

    page = client.post(
        reverse("courses:lesson-reopen", args=["hips", video.slug]), follow=True
    ).content.decode()

    assert "This lesson stays complete." in page
    assert LessonProgress.objects.get().completed_at == noon


def test_reopening_in_a_course_that_was_not_started_leads_to_the_lesson(
    client, member, video
):
    client.force_login(member)

    response = client.post(reverse("courses:lesson-reopen", args=["hips", video.slug]))

    assert response.url == video.get_absolute_url()
    assert not Enrollment.objects.exists()


def test_mark_complete_explains_that_the_video_must_be_watched(
    client, enrollment, video
):
    video.course.allows_mark_complete = False
    video.course.save()
    url = reverse("courses:lesson-complete", args=["hips", video.slug])

    page = client.post(url, follow=True).content.decode()

    assert "Watch to the end to complete (0%)" in page
    assert not LessonProgress.objects.filter(completed_at__isnull=False).exists()


def test_mark_complete_refuses_strangers(client, video, people):
    url = reverse("courses:lesson-complete", args=["hips", video.slug])
    client.force_login(people["free"])

    response = client.post(url)

    assert response.url == video.get_absolute_url()
    assert not LessonProgress.objects.exists()


def test_progress_is_saved_and_answered_in_percent(client, enrollment, clock, video):
    client.get(video.get_absolute_url())
    clock.shift(10)

    response = report(client)

    assert response.json() == {"percent": 10, "is_complete": False}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    "changes",
    [
        {"intervals": "not json"},
        {"intervals": "{}"},
        {"intervals": "[[1]]"},
        {"intervals": "[[1, 2, 3]]"},
        {"intervals": '[["0", "10"]]'},
        {"intervals": "[[0, 1e400]]"},
        {"intervals": "[[NaN, 5]]"},
        {"intervals": "[[true, 5]]"},
        {"intervals": "[null]"},
        {"intervals": "[" * 20_000},
        {"intervals": f"[[0, {'9' * 5000}]]"},
        {"intervals": ""},
        {"position": "nan"},
        {"position": "inf"},
        {"position": "-5"},
        {"position": ""},
        {"lesson": "../x"},
        {"course": ""},
    ],
)
def test_a_report_that_makes_no_sense_is_refused(client, enrollment, video, changes):
    client.get(video.get_absolute_url())

    response = report(client, **changes)

    assert response.status_code == 400
    assert "error" in response.json()
    assert LessonProgress.objects.get().watched_seconds == 0


def test_a_report_never_credits_what_the_client_claims_to_be(
    client, enrollment, clock, video, people
):
    client.get(video.get_absolute_url())
    clock.shift(10)

    report(
        client,
        user=people["free"].pk,
        enrollment=999,
        score="100",
        completed_at="2026-01-01",
        watched_seconds="100",
        intervals=json.dumps([[0, 100]]),
    )

    row = LessonProgress.objects.get()
    assert row.enrollment == enrollment
    assert row.watched_seconds == 24
    assert row.completed_at is None


def test_a_report_without_login_says_to_log_in(client, video):
    response = report(client)

    assert response.status_code == 401
    assert "Log in" in response.json()["error"]


def test_a_report_writes_to_the_own_enrollment_alone(
    client, enrollment, clock, video, people
):
    client.get(video.get_absolute_url())
    client.force_login(people["past_due"])
    clock.shift(60)

    report(client, enrollment=enrollment.pk)

    assert enrollment.progress.get().watched_seconds == 0
    mine = LessonProgress.objects.get(enrollment__user=people["past_due"])
    assert mine.watched_seconds == 4  # the tolerance: the clock begins now


def test_a_report_of_a_lesson_that_does_not_exist_says_so(client, enrollment):
    response = report(client, lesson="nowhere")

    assert response.status_code == 404
    assert response.json()["error"] == "There is no such lesson."


def test_a_report_after_lapse_is_refused_with_a_sentence(
    client, enrollment, video, lapse, member
):
    client.get(video.get_absolute_url())
    lapse(member)

    response = report(client)

    assert response.status_code == 403
    assert "Your progress is safe" in response.json()["error"]


def test_classroom_is_for_the_enrolled(client, video, people, enrollment):
    url = reverse("courses:classroom-detail", args=["hips"])

    assert "Start lesson 1" in client.get(url).content.decode()
    client.force_login(people["past_due"])
    assert client.get(url).url == video.course.get_absolute_url()
    client.logout()
    assert client.get(url).url.startswith(reverse("account_login"))


def test_classroom_without_lessons_says_so(client, member):
    course = EnrollmentFactory(user=member).course
    client.force_login(member)

    url = reverse("courses:classroom-detail", args=[course.slug])

    assert "This course has no lessons yet" in client.get(url).content.decode()


def test_the_rules_are_ticked_once_they_are_met(
    client, enrollment, video, noon, signatory
):
    url = reverse("courses:classroom-detail", args=["hips"])
    complete = reverse("courses:enrollment-complete", args=["hips"])

    studying = client.get(url).content.decode()
    LessonProgressFactory(enrollment=enrollment, lesson=video, completed_at=noon)
    ready = client.get(url).content.decode()
    client.post(complete, {"name": "Mia A. Member", "attested": "on"})
    done = client.get(url).content.decode()

    assert "c-ticks--open" in studying
    assert "c-ticks--open" not in ready
    assert '<li class="c-ticks__open">Then confirm your name' in ready
    assert "c-ticks__open" not in done


@pytest.fixture
def finished(enrollment, video, noon, signatory):
    LessonProgressFactory(enrollment=enrollment, lesson=video, completed_at=noon)
    return reverse("courses:enrollment-complete", args=["hips"])


def test_the_disclaimer_that_is_stored_was_shown_before(client, finished, enrollment):
    DisclaimerFactory(version="1", in_force_from="2026-01-01T00:00Z", text="Old words")
    DisclaimerFactory(version="2", in_force_from="2026-05-01T00:00Z", text="Our words")
    DisclaimerFactory(version="3", in_force_from="2026-07-01T00:00Z", text="New words")

    page = client.get(finished).content.decode()
    client.post(finished, {"name": "Mia", "attested": "on"})

    assert page.count("Our words") == 1
    assert "Version 2" in page
    assert "New words" not in page
    assert Enrollment.objects.get().disclaimer_version == "2"


def test_completion_confirms_the_name_and_issues_one_certificate(
    client, finished, enrollment, django_capture_on_commit_callbacks
):
    fields = {"name": "Mia A. Member", "attested": "on"}

    client.post(finished, fields)
    page = client.post(finished, fields, follow=True).content.decode()

    assert Certificate.objects.get().holder_name == "Mia A. Member"
    certificate = Certificate.objects.get()
    assert "You completed" in page
    assert reverse("certification:certificate-list") in page
    assert reverse("certification:certificate-pdf", args=[certificate.code]) in page
    assert f'data-copy="{certificate.get_absolute_url()}"' in page
    assert "c-paper" in page


@pytest.mark.parametrize(
    "name", ["course-detail", "classroom-detail", "enrollment-complete"]
)
def test_no_page_of_the_course_offers_a_certificate_that_was_revoked(
    client, finished, noon, name
):
    client.post(finished, {"name": "Mia A. Member", "attested": "on"})
    certificate = Certificate.objects.get()
    pdf = reverse("certification:certificate-pdf", args=[certificate.code])
    url = reverse(f"courses:{name}", args=["hips"])
    assert pdf in client.get(url).content.decode()

    Certificate.objects.update(revoked_at=noon, revoked_reason="Wrong hours")

    page = client.get(url).content.decode()
    assert pdf not in page
    assert "stays yours" not in page
    assert "anybody can verify" not in page
    assert reverse("certification:certificate-list") in page
    assert ("1 June 2026: Wrong hours" in page) == (name != "course-detail")


def test_completion_suggests_the_name_that_is_known(client, finished):
    assert 'value="Mia Member"' in client.get(finished).content.decode()


def test_completion_keeps_what_was_typed_and_says_what_is_missing(client, finished):
    page = client.post(finished, {"name": "Mia A. Member"}).content.decode()

    assert "There is a problem" in page
    assert "Confirm that you did this course yourself" in page
    assert 'value="Mia A. Member"' in page
    assert not Certificate.objects.exists()


def test_completion_without_all_lessons_says_how_many_are_left(
    client, enrollment, video
):
    url = reverse("courses:enrollment-complete", args=["hips"])

    shown = client.get(url).content.decode()
    posted = client.post(url, {"name": "Mia", "attested": "on"})

    assert "0 of 1 required lessons are complete" in shown
    assert posted.status_code == 200
    assert Enrollment.objects.get().status == Enrollment.Status.ACTIVE


def test_completion_of_a_course_never_started_leads_to_its_page(client, member, video):
    client.force_login(member)

    response = client.get(reverse("courses:enrollment-complete", args=["hips"]))

    assert response.url == video.course.get_absolute_url()

"""Notes and bookmarks: private, saved once, kept after a lapse."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from courses import jobs, services
from courses.models import Enrollment, LessonProgress, Note
from courses.validators import validate_lesson_slug
from tests.factories.courses import (
    EnrollmentFactory,
    LessonFactory,
    ModuleFactory,
    NoteFactory,
    VideoLessonFactory,
)
from tests.support import refused

pytestmark = pytest.mark.usefixtures("clock")

SAVE = reverse("courses:note-save")
LIST = reverse("courses:note-list", args=["hips"])


@pytest.fixture
def video(db):
    module = ModuleFactory(course__slug="hips", course__title="Hips")
    return VideoLessonFactory(module=module, slug="palpation", title="Palpation")


@pytest.fixture
def enrollment(member, video, client):
    client.force_login(member)
    return EnrollmentFactory(user=member, course=video.course)


@pytest.fixture
def note(enrollment, video):
    return NoteFactory(enrollment=enrollment, lesson=video)


def save(client, **changes):
    fields = {
        "course": "hips",
        "lesson": "palpation",
        "uuid": str(uuid4()),
        "text": "Sink slowly.",
        "moment": "0:34",
    }
    return client.post(SAVE, fields | changes)


def page_of(note, role="update"):
    return reverse(f"courses:note-{role}", args=["hips", note.uuid])


@pytest.mark.django_db
def test_a_number_stands_for_one_note_of_an_enrollment():
    note = NoteFactory()
    NoteFactory(uuid=note.uuid)  # somebody else's

    with refused("courses_note_one_per_uuid"):
        NoteFactory(uuid=note.uuid, enrollment=note.enrollment, lesson=note.lesson)


@pytest.mark.django_db
def test_a_note_has_words_or_a_moment():
    NoteFactory(text="", moment_seconds=0)

    with refused("courses_note_has_words_or_a_moment"):
        NoteFactory(text="", moment_seconds=None)


def test_a_note_that_is_sent_again_is_the_same_note_with_its_newest_words(
    client, enrollment, video
):
    uuid = str(uuid4())

    save(client, uuid=uuid, text="Sink")
    answer = save(client, uuid=uuid, text=" Sink slowly.\r\nWait. ")

    assert answer.status_code == 200
    note = Note.objects.get()
    assert (note.enrollment, note.lesson) == (enrollment, video)
    assert (note.text, note.moment_seconds) == ("Sink slowly.\nWait.", 34)


def test_the_first_note_starts_the_course_as_playing_does(client, member, video):
    client.force_login(member)
    page = client.get(video.get_absolute_url()).content.decode()
    assert "data-note-form" in page

    save(client)

    assert Note.objects.get().enrollment == Enrollment.objects.get(user=member)
    assert LessonProgress.objects.get().lesson == video


def test_changing_an_old_note_does_not_move_the_place_to_go_on(
    client, enrollment, video, note
):
    later = LessonFactory(module=video.module)
    Enrollment.objects.update(last_lesson=later)

    save(client, uuid=str(note.uuid), text="Other words")

    assert Enrollment.objects.get().last_lesson == later


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": "", "moment": ""}, "Write a note, or a moment to bookmark."),
        ({"moment": "soon"}, "Enter the moment like 12:34."),
        ({"moment": "1:2:3:4"}, "Enter the moment like 12:34."),
        ({"moment": "9" * 50}, "Enter the moment like 12:34."),
        ({"moment": "1:41"}, "The video ends at 1:40."),
        ({"text": "a" * 5001}, "at most 5000 characters"),
        ({"text": "a\x00b"}, "Null characters are not allowed"),
        ({"uuid": "me"}, "Open the lesson again"),
        ({"uuid": ""}, "Open the lesson again"),
    ],
)
def test_what_makes_no_note_is_refused_with_a_sentence(
    client, enrollment, changes, sentence
):
    response = save(client, **changes)

    assert response.status_code == 400
    assert sentence in response.json()["error"]
    assert not Note.objects.exists()


@pytest.mark.parametrize("moment", ["0:00", "1:40", "100", "0:01:40"])
def test_a_moment_alone_is_a_bookmark(client, enrollment, moment):
    assert save(client, text="", moment=moment).status_code == 200

    assert Note.objects.get().moment_seconds == (0 if moment == "0:00" else 100)


def test_a_lesson_without_a_video_has_notes_without_moments(client, enrollment, video):
    LessonFactory(module=video.module, slug="reading")

    assert save(client, lesson="reading", text="").status_code == 400
    assert save(client, lesson="reading", moment="0:10").status_code == 200

    assert Note.objects.get().moment_seconds is None


def test_saving_without_a_login_says_to_log_in(client, video):
    response = save(client)

    assert response.status_code == 401
    assert "Log in" in response.json()["error"]


@pytest.mark.parametrize("lesson", ["nowhere", "", "../x", "a\x00"])
def test_a_note_of_no_lesson_is_not_found(client, enrollment, lesson):
    assert save(client, lesson=lesson).status_code == 404


def test_who_has_never_had_access_writes_no_note(client, video, people):
    client.force_login(people["free"])

    response = save(client)

    assert response.status_code == 409
    assert "membership" in response.json()["error"]
    assert not Note.objects.exists()


def test_a_lesson_that_has_to_wait_takes_no_note_yet(client, enrollment, video):
    course = video.course
    course.order = "lessons"
    course.save()
    later = LessonFactory(module=video.module, slug="later", weight=video.weight + 1)

    answer = save(client, lesson=later.slug, moment="")

    assert answer.status_code != 200
    assert "first" in answer.content.decode()
    assert not Note.objects.exists()
    assert save(client).status_code == 200


def test_a_lesson_takes_a_limited_number_of_notes(
    client, enrollment, note, monkeypatch
):
    monkeypatch.setattr(services.notes, "MOST_NOTES", 1)

    assert "has 1 notes" in save(client).json()["error"]
    assert save(client, uuid=str(note.uuid)).status_code == 200


def test_a_note_without_a_script_is_saved_once_and_shown_on_its_lesson(
    client, enrollment, video
):
    url = reverse("courses:note-create", args=["hips", "palpation"])
    fields = {"uuid": str(uuid4()), "text": "<b>Sink</b>", "moment": "0:34"}

    first = client.post(url, fields)
    client.post(url, fields)
    page = client.get(video.get_absolute_url()).content.decode()

    assert first.url == f"{video.get_absolute_url()}#notes"
    assert Note.objects.count() == 1
    assert "&lt;b&gt;Sink&lt;/b&gt;" in page
    assert f'{video.get_absolute_url()}#t=34"' in page


def test_a_note_that_cannot_be_saved_keeps_what_was_typed(client, enrollment):
    url = reverse("courses:note-create", args=["hips", "palpation"])
    fields = {"uuid": str(uuid4()), "text": "Sink slowly.", "moment": "soon"}

    page = client.post(url, fields).content.decode()

    assert "There is a problem" in page
    assert "Enter the moment like 12:34" in page
    assert "Sink slowly." in page
    assert 'value="soon"' in page
    assert fields["uuid"] in page


def test_a_note_is_changed_on_a_page_of_its_own(client, note):
    shown = client.get(page_of(note)).content.decode()
    fields = {"text": "Wait longer.", "moment": ""}
    response = client.post(page_of(note), {**fields, "next": "//evil.example/"})

    assert "Sink slowly, wait for the tissue." in shown
    assert 'value="0:34"' in shown
    assert response.url == LIST
    note.refresh_from_db()
    assert (note.text, note.moment_seconds) == ("Wait longer.", None)


def test_a_deleted_note_is_gone_until_it_is_undone(client, note, video):
    lesson = video.get_absolute_url()

    response = client.post(page_of(note, "delete"), {"next": f"{lesson}#notes"})
    page = client.get(response.url).content.decode()
    again = client.post(page_of(note, "delete"))
    gone = [client.get(page_of(note)).status_code, note.text in page]
    client.post(page_of(note, "restore"))

    assert response.url == f"{lesson}#notes"
    assert f'action="{page_of(note, "restore")}"' in page
    assert again.status_code == 303
    assert gone == [404, False]
    assert note.text in client.get(lesson).content.decode()


def test_a_script_deletes_and_restores_without_leaving_the_page(client, note):
    for role in ("delete", "restore"):
        answer = client.post(
            page_of(note, role), headers={"accept": "application/json"}
        )
        assert answer.json() == {}

    assert "data-toast>" not in client.get(LIST).content.decode()
    assert Note.objects.kept().get() == note


def test_a_late_save_does_not_bring_a_deleted_note_back(client, note):
    client.post(page_of(note, "delete"))

    response = save(client, uuid=str(note.uuid))

    assert response.status_code == 409
    assert "was deleted" in response.json()["error"]
    assert not Note.objects.kept().exists()


def test_deleted_notes_are_purged_after_a_day(note, clock, noon):
    kept = NoteFactory(deleted_at=noon)
    services.delete_note(note=note, at=noon - timedelta(days=1))

    jobs.purge_notes()

    assert Note.objects.get() == kept


def test_all_notes_of_a_course_stand_on_one_page_in_the_order_of_its_lessons(
    client, enrollment, video
):
    earlier = LessonFactory(module=video.module, weight=0, title="Landmarks")
    for lesson, text, moment in (
        (video, "whole", None),
        (video, "late", 90),
        (video, "early", 5),
        (earlier, "before", None),
    ):
        NoteFactory(
            enrollment=enrollment, lesson=lesson, text=text, moment_seconds=moment
        )

    page = client.get(LIST).content.decode()

    places = [page.index(f">{text}<") for text in ("before", "early", "late", "whole")]
    assert places == sorted(places)


def test_the_text_file_names_course_lesson_and_moment(client, enrollment, video):
    reading = LessonFactory(module=video.module, title="Aftercare & <rest>")
    NoteFactory(enrollment=enrollment, lesson=video, text="“Sink”\n& wait")
    NoteFactory(enrollment=enrollment, lesson=video, text="", moment_seconds=754)
    NoteFactory(enrollment=enrollment, lesson=reading, text="Ice", moment_seconds=None)
    NoteFactory(text="of somebody else", lesson=video)

    response = client.get(reverse("courses:note-export", args=["hips"]))

    assert response["Content-Disposition"] == 'attachment; filename="hips-notes.txt"'
    assert "no-store" in response["Cache-Control"]
    assert response.content.decode() == (
        "Hips\nMy notes, 1 June 2026\n\n\nPalpation\n\n0:34\n“Sink”\n& wait\n\n"
        "12:34 (bookmark)\n\n\nAftercare & <rest>\n\nIce\n"
    )


@pytest.mark.parametrize("end", ["lapse", "unpublish"])
def test_notes_stay_with_their_writer_after_access_has_ended(
    client, note, video, lapse, noon, end
):
    if end == "lapse":
        lapse(note.enrollment.user)
    else:
        video.course.unpublished_at = noon
        video.course.save()

    assert client.get(video.get_absolute_url()).status_code in {200, 410}
    assert note.text in client.get(LIST).content.decode()
    export = client.get(reverse("courses:note-export", args=["hips"]))
    assert note.text in export.content.decode()
    assert save(client, uuid=str(note.uuid), text="Offline words").status_code == 200
    assert client.post(page_of(note, "delete")).status_code == 303


@pytest.mark.parametrize("role", ["update", "delete", "restore"])
@pytest.mark.parametrize("who", ["past_due", "staff"])
def test_nobody_else_reaches_a_note(client, note, people, role, who, video):
    EnrollmentFactory(user=people[who], course=video.course)
    client.force_login(people[who])

    response = client.post(page_of(note, role), {"text": "Mine now", "moment": ""})

    assert response.status_code == 404
    assert note.text not in client.get(video.get_absolute_url()).content.decode()
    note.refresh_from_db()
    assert (note.text, note.deleted_at) != ("Mine now", None)
    assert note.deleted_at is None


def test_a_page_of_notes_is_only_for_who_studies_the_course(client, people, video):
    client.force_login(people["past_due"])

    assert client.get(LIST).status_code == 404


def test_a_page_without_notes_says_how_to_write_one(client, enrollment):
    page = client.get(LIST).content.decode()

    assert "You have written no notes yet" in page
    assert "Download as text" not in page


@pytest.mark.django_db
def test_visitors_of_a_preview_are_offered_no_notes(client, video):
    video.is_preview = True
    video.save()

    page = client.get(video.get_absolute_url()).content.decode()

    assert "data-notes" not in page
    assert "js/notes.js" not in page


def test_no_lesson_takes_the_address_of_the_notes():
    with pytest.raises(ValidationError):
        validate_lesson_slug("notes")


def test_the_home_of_a_course_links_to_its_notes(client, enrollment):
    page = client.get(reverse("courses:classroom-detail", args=["hips"]))

    assert f'href="{LIST}"' in page.content.decode()

"""The pictures, clips and guides that the demo content names are all here."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.support import pdf_text
from tools.illustrations import certificate
from tools.illustrations.__main__ import BAND
from tools.illustrations.catalog import FIGURES, SCENES
from tools.lesson_videos import captions, stills
from tools.lesson_videos.__main__ import RECORD, fingerprint
from tools.lesson_videos.script import Clip, Scene, read

DEMO = Path(__file__).resolve().parents[2] / "natcampus" / "demo"
PICTURE = re.compile(r'"((?:plate|thumb|figure|guide)-[a-z-]+)"')
CLIPS = {clip.name: clip for clip in read(DEMO / "content" / "courses")}
GUIDES = sorted((DEMO / "content" / "guides").glob("*.toml"))
MADE = json.loads(RECORD.read_text())


def content(name):
    return tomllib.loads((DEMO / "content" / f"{name}.toml").read_text())


def clip(*scenes):
    return Clip(name="a-b", course="A", title="B", scenes=scenes)


def scene(caption, seconds):
    return Scene(heading=(), lines=(), caption=caption, art="", seconds=seconds)


def test_every_picture_that_the_content_names_is_shipped():
    text = "".join(path.read_text() for path in (DEMO / "content").rglob("*.toml"))
    shipped = {path.stem for path in (DEMO / "media" / "images").glob("*.webp")}

    named = set(PICTURE.findall(text))

    assert named <= shipped


def test_every_drawing_has_a_name_of_its_own():
    names = [draw().name for draw in SCENES]

    assert len(set(names)) == len(names)
    assert not set(names) & set(FIGURES)


def test_a_plate_is_the_same_each_time_it_is_drawn():
    assert [draw().plate() for draw in SCENES] == [draw().plate() for draw in SCENES]


def test_the_band_of_the_certificate_is_the_drawing_that_fits_every_course():
    template = (BAND.parent / "certificate.typ").read_text()

    assert BAND.read_text() == certificate.band() + "\n"
    assert set(re.findall(r'image\("(.+?)"', template)) == {BAND.name}


@pytest.mark.parametrize("name", CLIPS)
def test_each_video_lesson_has_its_clip_captions_and_poster(name):
    folder = DEMO / "media" / "lessons"

    assert 0 < (folder / f"{name}.mp4").stat().st_size <= 450_000
    assert 0 < (folder / f"{name}.webp").stat().st_size <= 30_000
    assert (folder / f"{name}.vtt").read_text() == captions.webvtt(CLIPS[name])


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_each_guide_is_shipped_as_a_pdf(path):
    slug = tomllib.loads(path.read_text())["slug"]

    content = (DEMO / "media" / "guides" / f"{slug}.pdf").read_bytes()

    assert content.startswith(b"%PDF-")
    assert len(content) <= 1_500_000


@pytest.mark.parametrize("name", CLIPS)
def test_each_clip_was_made_of_the_scenes_as_they_are_now(name):
    drawings = list(stills.stills(CLIPS[name]))

    assert MADE[name]["mark"] == fingerprint(CLIPS[name], drawings)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_each_guide_says_what_its_content_says(path):
    guide = tomllib.loads(path.read_text())
    said = "".join(
        pdf_text(
            (DEMO / "media" / "guides" / f"{guide['slug']}.pdf").read_bytes()
        ).split()
    )

    for page in guide["pages"]:
        for text in (page["title"], *page["body"], *page.get("steps", [])):
            assert "".join(text.split()) in said


def test_the_supported_lean_is_one_exercise_in_article_guide_and_film():
    article = content("articles/hamstrings-stretch-release-protect")
    cards = [
        card for block in article["blocks"] for card in block.get("techniques", [])
    ]
    card = next(card for card in cards if card["title"] == "Supported lean")
    pages = content("guides/hip-and-thigh")["pages"]
    page = next(page for page in pages if "supported lean" in str(page.get("steps")))
    scenes = CLIPS["hip-and-thigh-teaching-the-four-techniques"].scenes
    scene = next(scene for scene in scenes if scene.heading == ("Supported", "lean"))

    pictures = {card["image"], page["art"], scene.art}
    words = [str(card["steps"]), str(page["steps"]), scene.caption]

    assert pictures == {"figure-supported-lean"}
    assert all("counter" in told and "hips behind the heels" in told for told in words)


def test_captions_stay_inside_their_scenes():
    film = clip(scene("First. And second.", 4), scene("Third.", 3))

    cues = re.findall(r"(\S+) --> (\S+)\n(.+)", captions.webvtt(film))

    assert cues == [
        ("00:00:00.200", "00:00:01.471", "First."),
        ("00:00:01.471", "00:00:03.800", "And second."),
        ("00:00:04.200", "00:00:06.800", "Third."),
    ]


def test_a_long_sentence_becomes_cues_of_at_most_two_lines():
    sentence = "Ask the client to point with one finger, then trace the whole area, "
    sentence += "and write down both before you place a hand on the leg."

    parts = captions.pieces(sentence)

    assert " ".join(parts).replace("\n", " ") == sentence
    assert all(len(part.splitlines()) <= 2 for part in parts)
    assert all(len(line) <= captions.LINE for p in parts for line in p.splitlines())

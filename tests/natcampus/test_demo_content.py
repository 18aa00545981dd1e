"""What the demo's articles, quizzes and pages say holds together."""

import re

import pytest
from django.utils.html import strip_tags

from natcampus.demo import sources

ARTICLES = {row["slug"]: row for row in sources.read_all("articles")}
COURSES = {row["slug"]: row for row in sources.read_all("courses")}
GUIDES = {row["slug"]: row for row in sources.read_all("guides")}
NUMBERS = {2: "Two", 3: "Three", 4: "Four", 5: "Five", 12: "Twelve", 15: "Fifteen"}
NUMBERS |= {18: "Eighteen", 20: "Twenty"}
PAGES = {row["url"]: row["body"] for row in sources.read("pages.toml")["pages"]}


def running_text(article):
    """Return what is read as text: no headings, no anatomy table, no doses."""
    for block in article["blocks"]:
        yield strip_tags(block.get("body", ""))
        yield from block.get("items", [])
        for technique in block.get("techniques", []):
            yield from (technique["lead"], *technique["steps"])


def lessons_of(course):
    return [lesson for module in course["modules"] for lesson in module["lessons"]]


def quiz_lessons(course):
    return [lesson for lesson in lessons_of(course) if lesson["kind"] == "quiz"]


def questions_of(course):
    """Return the questions of quizzes, of checks and of those asked inside a film."""
    return [
        question
        for lesson in lessons_of(course)
        for question in lesson.get("quiz", {}).get("questions", [])
    ]


QUIZZES = {
    f"{slug}/{lesson['slug']}": lesson
    for slug, course in COURSES.items()
    for lesson in quiz_lessons(course)
}

TEACHING = [
    lesson
    for lesson in lessons_of(COURSES["hip-and-thigh"])
    if lesson["kind"] != "quiz"
]


def test_there_are_four_articles_or_more_each_with_all_its_parts():
    kinds = [{block["kind"] for block in row["blocks"]} for row in ARTICLES.values()]

    assert len(kinds) >= 4
    assert all(each >= {"text", "anatomy", "techniques", "red_flags"} for each in kinds)


def test_there_are_eight_courses_and_one_has_every_kind_of_lesson():
    kinds = [
        {lesson["kind"] for lesson in lessons_of(course)} for course in COURSES.values()
    ]

    assert len(kinds) == 8
    assert {"video", "reading", "download", "quiz"} in kinds


@pytest.mark.parametrize("lesson", TEACHING, ids=lambda lesson: lesson["slug"])
def test_each_lesson_of_hip_and_thigh_that_teaches_has_a_file_to_print(lesson):
    files = lesson["files"]

    assert all(len(file["text"].split()) >= 100 for file in files)
    assert all(len(row) <= 92 for file in files for row in file["text"].splitlines())


def test_each_file_to_print_has_a_title_and_a_name_of_its_own():
    files = [
        file
        for course in COURSES.values()
        for lesson in lessons_of(course)
        for file in lesson.get("files", [])
    ]

    assert len({file["title"] for file in files}) == len(files)
    assert len({file["filename"] for file in files}) == len(files)


@pytest.mark.parametrize("slug", COURSES)
def test_each_film_has_scenes_and_says_in_the_first_which_lesson_it_is(slug):
    for number, lesson in enumerate(lessons_of(COURSES[slug]), start=1):
        if lesson["kind"] == "video":
            assert f"Lesson {number} ·" in lesson["scenes"][0]["lines"][0]


@pytest.mark.parametrize("slug", ARTICLES)
def test_each_article_has_900_to_1300_words_of_text(slug):
    words = sum(len(text.split()) for text in running_text(ARTICLES[slug]))

    assert 900 <= words <= 1300


@pytest.mark.parametrize("slug", ARTICLES)
def test_an_article_offers_only_a_guide_of_its_region_or_about_its_muscle(slug):
    article = ARTICLES[slug]
    guide = GUIDES.get(article.get("guide"))

    titles = " ".join(page["title"] for page in guide["pages"]) if guide else ""
    has_muscle = any(muscle in titles.lower() for muscle in article["muscles"])

    assert not guide or guide["region"] == article["region"] or has_muscle


@pytest.mark.parametrize("slug", ARTICLES)
def test_an_article_leads_to_the_course_of_its_region_where_there_is_one(slug):
    article = ARTICLES[slug]
    near = [row for row in COURSES.values() if row["region"] == article["region"]]

    assert COURSES[article["course"]] in (near or COURSES.values())


@pytest.mark.parametrize("slug", COURSES)
def test_each_question_has_four_answers_an_explanation_and_the_lesson_to_review(slug):
    course = COURSES[slug]
    taught = {
        lesson["slug"]
        for lesson in lessons_of(course)
        if lesson["kind"] not in {"quiz", "check"}
    }

    for question in questions_of(course):
        texts = {choice["text"] for choice in question["choices"]}
        assert len(texts) == len(question["choices"]) == 4, question["text"]
        assert question["explanation"], question["text"]
        assert question["review_lesson"] in taught, question["text"]


@pytest.mark.parametrize("name", QUIZZES)
def test_each_quiz_says_truly_which_answers_it_explains(name):
    told = strip_tags(QUIZZES[name]["body"])

    assert "Answers you got right are explained; once you pass, all are." in told
    assert "shows an explanation" not in told


@pytest.mark.parametrize("name", QUIZZES)
def test_each_quiz_counts_its_questions_rightly(name):
    told = strip_tags(QUIZZES[name]["body"])
    questions = QUIZZES[name]["quiz"]["questions"]
    two = [question for question in questions if question["kind"] == "multiple"]
    said = re.search(r"(\w+) questions? ha(?:s|ve) two answers", told)

    assert told.strip().startswith(f"{NUMBERS[len(questions)]} questions")
    assert not said or said[1] in {NUMBERS.get(len(two)), "Some"}


@pytest.mark.parametrize("name", QUIZZES)
def test_each_question_has_one_right_answer_or_says_how_many_to_choose(name):
    for question in QUIZZES[name]["quiz"]["questions"]:
        right = [choice for choice in question["choices"] if choice["is_correct"]]

        assert len(right) == {"single": 1, "multiple": 2}[question["kind"]]
        assert ("Choose 2." in question["text"]) == (len(right) == 2)


@pytest.mark.parametrize("name", QUIZZES)
def test_neither_length_nor_place_gives_the_right_answer_away(name):
    places, longest, shortest = [], 0, 0
    questions = [
        question["choices"]
        for question in QUIZZES[name]["quiz"]["questions"]
        if question["kind"] == "single"
    ]
    for choices in questions:
        lengths = [len(choice["text"]) for choice in choices]
        place = [choice["is_correct"] for choice in choices].index(True)
        places.append(place)
        longest += lengths[place] == max(lengths)
        shortest += lengths[place] == min(lengths)

    assert max(longest, shortest) <= len(questions) / 2
    assert max(places.count(place) for place in range(4)) <= len(questions) / 2


def test_no_page_promises_a_corrected_certificate_in_place_of_a_wrong_one():
    said = strip_tags(PAGES["/help/"] + PAGES["/legal/terms/"]).lower()

    assert "replacement" not in said
    assert "issuing a new one" not in said
    assert "correct it there before you confirm" in said

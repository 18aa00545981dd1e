from dataclasses import replace

import pytest

from bench.report import Figure, Report, Row

FLOOR = Row(
    name="floor",
    per_second=1000,
    p50=1,
    p99=2,
    cpu_ms=0.5,
    database_cpu_ms=0.2,
    errors=0,
)
PAGES = [
    replace(FLOOR, name="home", percent_of_floor=40.0),
    replace(FLOOR, name="progress save", percent_of_floor=60.0),
    replace(FLOOR, name="pricing", percent_of_floor=1.0),
]
GOOD = Report(
    database="postgres",
    load="wrk",
    seconds_a_round=2,
    rounds=3,
    row_counts=(100, 10_000),
    bare=replace(FLOOR, name="bare"),
    floor=FLOOR,
    floor_percent_of_bare=31.5,
    pages=PAGES,
    queries={"home, visitor": ([12, 1], [12, 1])},
    peak_worker_megabytes=150,
    billing=[Figure("events", "1200 a minute", "at least 1000")],
)


def test_a_run_that_meets_every_goal_misses_nothing():
    text = "\n".join(GOOD.lines())

    assert GOOD.misses() == []
    assert "MISSED" not in text
    assert "The floor answers 31.5% as often as bare." in text


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({"pages": [replace(PAGES[0], percent_of_floor=39.9)]}, "home"),
        ({"pages": [replace(PAGES[1], percent_of_floor=59.9)]}, "progress save"),
        ({"pages": [replace(PAGES[2], errors=1)]}, "pricing"),
        ({"bare": replace(GOOD.bare, errors=1)}, "bare"),
        ({"queries": {"home": ([13, 1], [13, 1])}}, "queries of home"),
        ({"queries": {"home": ([9, 1], [10, 1])}}, "queries of home"),
        ({"queries": {"home": ([9, 1], [9, 2])}}, "queries of home"),
        ({"peak_worker_megabytes": 150.1}, "memory"),
        ({"billing": [replace(GOOD.billing[0], is_met=False)]}, "events"),
    ],
)
def test_what_misses_its_goal_is_named_and_marked(change, missed):
    report = replace(GOOD, **change)

    assert report.misses() == [missed]
    assert "\n".join(report.lines()).count("MISSED") == 1

"""Says what was measured, beside what was promised."""

from collections.abc import Iterator
from dataclasses import dataclass

GOALS = {
    **dict.fromkeys(("home", "article", "catalog", "course", "lesson"), 40),
    "progress save": 60,
}
MOST_QUERIES = 12
MOST_MEGABYTES = 150
HEADS = ("req/s", "p50 ms", "p99 ms", "CPU ms", "DB ms", "floor")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measured page, and its share of the floor's requests a second."""

    name: str
    per_second: float
    p50: float
    p99: float
    cpu_ms: float
    database_cpu_ms: float
    errors: int
    percent_of_floor: float = 100.0

    @property
    def is_met(self) -> bool:
        return not self.errors and self.percent_of_floor >= GOALS.get(self.name, 0)


@dataclass(frozen=True)
class Figure:
    """Something that was measured, in words, with what was promised of it."""

    name: str
    value: str
    goal: str = ""
    is_met: bool = True


@dataclass(frozen=True, kw_only=True)
class Report:
    """One run, from the baselines to the memory.

    A page has its queries without and with kept fragments, with few and many rows.
    """

    database: str
    load: str
    seconds_a_round: float
    rounds: int
    row_counts: tuple[int, int]
    bare: Row
    floor: Row
    floor_percent_of_bare: float
    pages: list[Row]
    queries: dict[str, tuple[list[int], list[int]]]
    peak_worker_megabytes: float
    billing: list[Figure]

    @property
    def rows(self) -> list[Row]:
        return [self.bare, self.floor, *self.pages]

    def is_lean(self, name: str) -> bool:
        """Tell whether a page costs few queries, however many rows there are."""
        few, many = self.queries[name]
        return few == many and max(few) <= MOST_QUERIES

    @property
    def is_small(self) -> bool:
        return self.peak_worker_megabytes <= MOST_MEGABYTES

    def misses(self) -> list[str]:
        """Name everything that is not as promised."""
        return [
            *(row.name for row in self.rows if not row.is_met),
            *(f"queries of {name}" for name in self.queries if not self.is_lean(name)),
            *(() if self.is_small else ("memory",)),
            *(figure.name for figure in self.billing if not figure.is_met),
        ]

    def lines(self) -> Iterator[str]:
        yield (
            f"{self.database}, {self.load}, 2 workers, the best of {self.rounds} "
            f"rounds of {self.seconds_a_round:g} s"
        )
        yield f"{'':15}{''.join(f'{head:>9}' for head in HEADS)}  goal"
        yield from map(_speed, self.rows)
        yield f"The floor answers {self.floor_percent_of_bare:g}% as often as bare."
        few, many = self.row_counts
        yield ""
        yield f"SQL queries, without and with kept fragments (at most {MOST_QUERIES}):"
        yield f"{'':23}{few:6} rows{many:9} rows"
        for name, (with_few, with_many) in self.queries.items():
            counts = "".join(f"{a:9}{b:5}" for a, b in (with_few, with_many))
            yield f"{name:23}{counts}  {_verdict(is_met=self.is_lean(name))}"
        yield ""
        yield (
            f"Peak memory of a worker: {self.peak_worker_megabytes:g} MB "
            f"(at most {MOST_MEGABYTES}) {_verdict(is_met=self.is_small)}"
        )
        yield ""
        yield "Billing, with the sandbox as Stripe:"
        for figure in self.billing:
            goal = f" ({figure.goal}) {_verdict(is_met=figure.is_met)}"
            yield f"{figure.name:23} {figure.value}{goal if figure.goal else ''}"


def _speed(row: Row) -> str:
    figures = f"{row.per_second:9.0f}{row.p50:9.2f}{row.p99:9.2f}"
    figures += f"{row.cpu_ms:9.2f}{row.database_cpu_ms:9.2f}"
    share = "" if row.name == "bare" else f"{row.percent_of_floor:.0f}%"
    goal = f"{GOALS[row.name]}% " if row.name in GOALS else ""
    wrong = f"{row.errors} wrong answers " if row.errors else ""
    verdict = _verdict(is_met=row.is_met) if goal or wrong else ""
    return f"{row.name:15}{figures}{share:>9}  {goal}{wrong}{verdict}".rstrip()


def _verdict(*, is_met: bool) -> str:
    return "met" if is_met else "MISSED"

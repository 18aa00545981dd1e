"""The CSV files in which questions arrive, as spreadsheets write them."""

import csv
from collections.abc import Iterator
from io import StringIO

from core.errors import DomainError

MOST_BYTES = 1024 * 1024
MOST_ROWS = 500
LETTERS = "ABCDEF"
CHOICES = tuple(f"choice {number}" for number in range(1, len(LETTERS) + 1))
COLUMNS = (
    *("question", "kind", "objective", *CHOICES),
    *("right", "explanation", "review lesson", "keeps order"),
)
NEEDED = ("question", "choice 1", "choice 2", "right", "explanation")


class ImportRefusedError(DomainError):
    """The file as a whole cannot be read, or some of its rows are wrong."""


def decode_csv(content: bytes) -> str:
    """Return the text of an uploaded file, with one kind of line end."""
    if len(content) > MOST_BYTES:
        raise ImportRefusedError("The file is larger than 1 MB. Split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefusedError(
            "The file is not in UTF-8. In Excel save it as “CSV UTF-8”."
        ) from error
    return _with_plain_lines(text)


def _with_plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_cells(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Give each row that holds something, with the line where it begins."""
    if len(text.encode()) > MOST_BYTES:
        raise ImportRefusedError("The file is larger than 1 MB. Split it.")
    if "\0" in text:
        raise ImportRefusedError("This is no CSV file. Save the sheet as CSV.")
    plain = _with_plain_lines(text)
    head = plain.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(StringIO(plain), delimiter=delimiter, strict=True)
    try:
        names = _header(next(reader, []))
        begin, count = reader.line_num + 1, 0
        for values in reader:
            line, begin = begin, reader.line_num + 1
            if not any(value.strip() for value in values):
                continue
            count += 1
            if count > MOST_ROWS:
                raise ImportRefusedError(
                    f"The file holds more than {MOST_ROWS} questions. Split it."
                )
            yield line, _named(line, names, values)
    except csv.Error as error:
        raise ImportRefusedError(
            f"Line {reader.line_num} cannot be read: a quotation mark opens and does "
            "not close, or stands inside a cell."
        ) from error


def _header(values: list[str]) -> list[str]:
    names = [" ".join(value.lower().split()) for value in values]
    while names and not names[-1]:
        names.pop()
    if unknown := [name or "(empty)" for name in names if name not in COLUMNS]:
        raise ImportRefusedError(
            f"Line 1 names a column that is not known: {', '.join(unknown)}. "
            "Begin with the template."
        )
    if twice := {name for name in names if names.count(name) > 1}:
        raise ImportRefusedError(
            f"Line 1 names a column twice: {', '.join(sorted(twice))}."
        )
    if missing := [name for name in NEEDED if name not in names]:
        raise ImportRefusedError(
            f"Line 1 lacks the column {', '.join(missing)}. Begin with the template."
        )
    return names


def _named(line: int, names: list[str], values: list[str]) -> dict[str, str]:
    if any(value.strip() for value in values[len(names) :]):
        raise ImportRefusedError(
            f"Line {line} has more cells than line 1. Put text with a comma or "
            "semicolon between quotation marks."
        )
    cells = dict.fromkeys(COLUMNS, "")
    return cells | {
        name: value.strip() for name, value in zip(names, values, strict=False)
    }

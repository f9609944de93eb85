"""What the server and the child process that reads for it say to each other. Only the standard library is used."""

from typing import TypedDict

OUT_OF_MEMORY, BROKEN_OFF = 3, 4  # exit codes of the child


class ColumnTask(TypedDict):
    """A column as the child needs it."""

    header: str
    field: str
    kind: str
    required: bool
    read: bool


class Task(TypedDict):
    """What the child is to do: which sheet, which columns, within which limits. `raw` gives the cells as they are."""

    sheet: str
    columns: list[ColumnTask]
    raw: bool
    most_rows: int
    memory: int
    cpu_seconds: int

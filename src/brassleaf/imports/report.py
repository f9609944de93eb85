"""What an import says of itself: counts, problems by row and column, and the shapes that are answered."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pydantic import ConfigDict, Field

from brassleaf.errors import BrassleafError
from brassleaf.http.models import Record, Shown
from brassleaf.http.problems import FieldProblem

MOST_LISTED = 1_000  # problems in one report; the workbook with the Errors column has them all


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row failed: the column's header and the value as it stands there, where it is about one."""

    row: int
    column: str | None
    value: str | None
    reason: str

    @property
    def message(self) -> str:
        """A sentence for whoever reads only that."""
        return f"{self.column}: {self.reason}" if self.column else self.reason


@dataclass(slots=True)
class Counts:
    """Rows so far."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0

    @property
    def done(self) -> int:
        """Rows that are settled."""
        return self.created + self.updated + self.unchanged + self.failed

    def as_text(self, *, dry_run: bool) -> str:
        """The sentence of a report."""
        changed = f"{self.created:,} created, {self.updated:,} updated"
        found = f"{changed}, {self.unchanged:,} unchanged, {self.failed:,} failed"
        return f"A dry run: nothing was written. It would be {found}." if dry_run else f"{found}."


@dataclass(slots=True)
class Tally:
    """What an import has come to so far: for its report, also where it does not come to its end."""

    counts: Counts = field(default_factory=Counts)
    listed: list[Problem] = field(default_factory=list)
    problem_count: int = 0

    def note(self, problems: Sequence[Problem]) -> None:
        """Count problems, and keep those that a report lists."""
        self.problem_count += len(problems)
        self.listed += problems[: MOST_LISTED - len(self.listed)]

    def report(self, warnings: Sequence[str] = (), *, dry_run: bool) -> dict[str, Any]:
        """An `ImportReport` as JSON."""
        found = list(warnings)
        if self.problem_count > len(self.listed):
            found.append(
                f"{self.problem_count:,} problems were found, of which the first {len(self.listed):,} are listed; "
                "the errors file has all."
            )
        return {
            "message": self.counts.as_text(dry_run=dry_run),
            **asdict(self.counts),
            "dryRun": dry_run,
            "errors": [{**asdict(problem), "message": problem.message} for problem in self.listed],
            "warnings": found,
        }


class RowError(Shown):
    """A row that failed, and why."""

    row: int = Field(description="The row's number in Excel.")
    column: str | None = Field(None, description="The header of the column, where it is about one.")
    value: str | None = Field(None, description="What stands in the cell.")
    reason: str
    message: str = Field(description="Column and reason in one sentence.")


class ImportReport(Shown):
    """What became of the rows of an import."""

    message: str
    created: int
    updated: int
    unchanged: int
    failed: int
    dryRun: bool
    errors: list[RowError] = Field(description=f"The first {MOST_LISTED:,} problems, by row.")
    warnings: list[str]


class JobReport(ImportReport):
    """The report of an import that ran beside its request, with what its kind says besides."""

    model_config = ConfigDict(extra="allow")


JobState = Literal["queued", "running", "done", "failed", "cancelled", "abandoned"]


class ImportProgress(Shown):
    """How far an import is: what is counted here is written."""

    rows: int | None = Field(description="About how many rows the sheet has, once that is known.")
    done: int
    created: int
    updated: int
    unchanged: int
    failed: int


class ImportJob(Record):
    """An import that runs, or has run, beside its request."""

    type: str
    fileName: str
    state: JobState
    dryRun: bool
    progress: ImportProgress
    message: str | None = None
    errors: list[FieldProblem] | None = Field(None, description="Why it failed, by field or column of the workbook.")
    errorsFile: str | None = Field(None, description="Where the workbook with an Errors column can be fetched.")
    report: JobReport | None = Field(None, description="Of one that failed or was ended: the rows that came before.")
    finished: str | None = None


def no_errors_file(error: Exception) -> str:
    """The warning of a report whose workbook with the Errors column could not be made."""
    why = error.message if isinstance(error, BrassleafError) else "The server cannot write it."
    return f"The errors file could not be made. {why} All else was done as this report says."

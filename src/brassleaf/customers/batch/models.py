"""What a batch of customers sends and answers."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from brassleaf.customers.models import CustomerChange
from brassleaf.errors import FieldError
from brassleaf.http.fields import OptionalId, Text
from brassleaf.http.models import Sent, Shown
from brassleaf.http.problems import FieldProblem, field_error

MOST = 1_000
Operation = Literal["create", "update", "upsert", "delete"]


class BatchItem(Sent):
    """One operation on one customer."""

    operation: Operation
    id: Annotated[OptionalId, Field(alias="_id")] = Field(None, description="Which one to update or delete.")
    erpId: Text | None = Field(
        None, description="In place of `_id`; what an upsert finds its customer by, and a new customer gets."
    )
    customer: CustomerChange | None = Field(
        None,
        description="Its fields: absent ones stay, null clears. A create or upsert may have its ERP id in here alone; "
        "in an update it is the new one.",
    )


class Unfit:
    """An entry that is no operation, and why: the others are done all the same."""

    def __init__(self, operation: str | None, errors: tuple[FieldError, ...]) -> None:
        self.operation = operation
        self.errors = errors


def _lenient(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    try:
        return check(value)
    except ValidationError as error:
        said = value.get("operation") if isinstance(value, dict) else None
        errors = tuple(field_error(dict(entry)) for entry in error.errors())
        return Unfit(said if isinstance(said, str) else None, errors)


class Batch(Sent):
    """Operations, done in their order."""

    items: Annotated[list[Annotated[BatchItem, WrapValidator(_lenient)]], Field(max_length=MOST)]


class BatchProblem(Shown):
    """Why one operation was not done: as the same refusal of a single call."""

    type: str
    title: str
    status: int
    detail: str
    message: str
    errors: list[FieldProblem]


class BatchOutcome(Shown):
    """What became of one operation."""

    index: int = Field(description="Its place in the request, from 0.")
    operation: str | None = None
    status: int = Field(description="What a single call would have answered: 201 made, 200 done, else `error`.")
    id: str | None = Field(None, alias="_id")
    erpId: str | None = Field(None, description="What the customer has then; where it failed, what was given.")
    error: BatchProblem | None = None


class BatchAnswer(Shown):
    """What became of each operation, in the order of the request."""

    items: list[BatchOutcome]
    succeeded: int
    failed: int

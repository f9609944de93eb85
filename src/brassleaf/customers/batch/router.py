"""The endpoint of batches."""

from starlette.responses import Response

from brassleaf.customers.batch.models import Batch, BatchAnswer
from brassleaf.customers.batch.service import CustomerBatches
from brassleaf.http import answers
from brassleaf.security.roles import STAFF
from brassleaf.security.rooms import CallerOf, House, Room

BODY_LIMIT = 10_000_000  # bytes: 1,000 customers with all of their fields


def room(house: House, batches: CustomerBatches) -> Room:
    """Batches of customers."""
    room = Room(house, "Customer")

    @room.post(
        "/customers/batch",
        allow=STAFF,
        answers=BatchAnswer,
        operation="postCustomersBatch",
        body_limit=max(BODY_LIMIT, house.settings.body_limit),
        responses={207: {"model": BatchAnswer, "description": "At least one operation failed; the others are done."}},
    )
    async def run(caller: CallerOf, sent: Batch) -> Response:
        """Create, update, upsert (by ERP id) and delete up to 1,000 customers, each by itself and in order.

        200 when all succeed, 207 when one fails. To delete takes an admin, as in a single call.
        """
        outcomes = await batches.run(caller, sent.items)
        failed = sum(outcome.problem is not None for outcome in outcomes)
        body = {
            "items": [outcome.shown() for outcome in outcomes],
            "succeeded": len(outcomes) - failed,
            "failed": failed,
        }
        return answers.json_answer(body, 207 if failed else 200)

    return room

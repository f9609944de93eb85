"""What became of each operation of a batch."""

from dataclasses import dataclass

from brassleaf.errors import BrassleafError
from brassleaf.http.problems import body_of
from brassleaf.store.collections import Document
from brassleaf.store.port import Stored


@dataclass(slots=True)
class Outcome:
    """What became of one operation: its status as a single call's, or the problem that such a call would answer."""

    index: int
    operation: str | None
    status: int = 200
    id: str | None = None
    erp_id: str | None = None
    problem: Document | None = None

    def done(self, stored: Stored, *, made: bool = False) -> None:
        """It was done, on this customer as it is now (or was, if it is gone)."""
        self.status, self.id, self.erp_id = 201 if made else 200, stored.id, stored["erpId"]

    def refuse(self, error: BrassleafError, id_: str | None = None) -> None:
        """It was not done, on the customer of that id where it meant one."""
        self.problem = body_of(error)
        self.status, self.id = self.problem["status"], id_

    def shown(self) -> Document:
        """As it is answered."""
        shown = {
            "index": self.index,
            "operation": self.operation,
            "status": self.status,
            "_id": self.id,
            "erpId": self.erp_id,
            "error": self.problem,
        }
        return {name: value for name, value in shown.items() if value is not None}

    def recall(self, shown: Document) -> None:
        """It became of it what was answered before."""
        self.status, self.problem = shown["status"], shown.get("error")
        self.id, self.erp_id = shown.get("_id"), shown.get("erpId")

"""A kit opened for its price or its papers: each line with what its item is made of, or why it is not to be had."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from brassleaf.assemblies.build import Build
from brassleaf.assemblies.fields import refreshed
from brassleaf.assemblies.service import AssemblyService
from brassleaf.errors import FieldError, NotFound, Refused
from brassleaf.kits.lines import lines_of, noun
from brassleaf.kits.service import KitService
from brassleaf.revisions.lifecycle import UNDER_EDITING
from brassleaf.security.caller import Caller
from brassleaf.store.collections import Document


@dataclass(frozen=True, slots=True)
class OpenedLine:
    """A line with its item, an assembly with its build: as it was released, or while it is edited as it is today.

    `field` is how requests spell the line's item; `problem` says why there is no build, or no item.
    """

    kind: str
    field: str
    line: Document
    item: Document
    built: Build | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class OpenedKit:
    """A kit with its lines and the organization's settings."""

    document: Document
    lines: Sequence[OpenedLine]
    organization: Document

    @property
    def assemblies(self) -> list[tuple[OpenedLine, Build]]:
        """The lines of hose assemblies with their builds. Raises Refused where the kit has none."""
        found = [(line, line.built) for line in self.lines if line.built is not None]
        if not found:
            raise Refused.field("hoseAssemblies", "This hose kit has no hose assemblies.")
        return found


class OpenedKits:
    """Opens kits."""

    def __init__(self, kits: KitService, assemblies: AssemblyService) -> None:
        self._kits = kits
        self._assemblies = assemblies

    async def kit(self, caller: Caller, id_: str) -> OpenedKit:
        """A kit that the caller may see. Raises NotFound, and Refused naming each line with a problem."""
        found = await self.with_problems(caller, id_)
        errors = [FieldError(line.field, line.problem) for line in found.lines if line.problem]
        if errors:
            raise Refused.fields(errors)
        return found

    async def with_problems(self, caller: Caller, id_: str) -> OpenedKit:
        """The same, lines with problems among the others."""
        document = (await self._kits.get(caller, id_)).document
        items = await self._kits.items.of(caller.organization, document)
        organization = await self._assemblies.organization(caller)
        lines = []
        for kind, place, line in lines_of(document):
            where = (kind, f"{kind}[{place}].item", line)
            lines.append(await self._line(caller, where, items.get(line["item"]), organization))
            await asyncio.sleep(0)  # a kit may have a thousand assemblies: others have their turn
        return OpenedKit(document, lines, organization)

    async def _line(
        self, caller: Caller, where: tuple[str, str, Document], item: Document | None, organization: Document
    ) -> OpenedLine:
        kind, field, line = where
        if item is None or item["deleted"]:
            text = f"Line {line['number']}: this {noun(kind)} is not there any more."
            return OpenedLine(kind, field, line, item or {}, problem=text)
        if kind != "hoseAssemblies":
            return OpenedLine(kind, field, line, item)
        try:
            built = await self._assemblies.built(caller, item, organization)
        except (Refused, NotFound) as refusal:
            return OpenedLine(kind, field, line, item, problem=f"Line {line['number']}: {refusal.message}")
        today = refreshed(item, built) if item["status"] == UNDER_EDITING else item
        return OpenedLine(kind, field, line, today, built)

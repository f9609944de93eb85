"""Every operation with data that its own schema allows, made by schemathesis: no 5xx, no answer beside its model."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from support.examples import PATH
from support.routes import document
from support.served import serving
from support.world import World

#: Operations that cannot be asked, each with the reason.
EXCLUDED: dict[str, str] = {}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: Building a workbook or a page takes a child process or some tenths of a second.
_FEWER = re.compile("export|exceltemplate|datasheet|getBillOfMaterials|import|/security/")

SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(document())))
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world of its own: what is asked here deletes what other tests need."""
    with serving(tmp_path_factory.mktemp("scratch"), failed_attempts=100_000) as served:
        yield World(served)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_whatever_the_schema_allows_is_answered_as_documented(scratch: World, operation: Any) -> None:
    world = scratch
    if reason := EXCLUDED.get(operation.label):
        pytest.skip(reason)
    person = world.key(world.a, "admin")
    standing = {name: world.a.standing[kind] for name, kind in PATH.items() if kind in world.a.standing}

    @settings(
        max_examples=6 if _FEWER.search(operation.path) else 12,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), there=st.booleans())
    def ask(case: Any, *, there: bool) -> None:
        if there:  # half of the ids are of documents that exist
            for name in case.path_parameters or {}:
                if name in standing:
                    case.path_parameters[name] = standing[name]
        response = case.call(base_url=world.served.url, headers={"Authorization": f"Bearer {person.token}"})
        case.validate_response(response, checks=CHECKS)
        request_id = response.headers["x-request-id"]
        assert request_id

    ask()

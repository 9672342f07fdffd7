"""The OpenAPI document is true: whatever it allows is answered as it says, whatever it forbids is refused."""

from __future__ import annotations

import os
from datetime import date
from typing import Any

import hypothesis
import pytest
import schemathesis
from flask.testing import FlaskClient
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from engage.web.api import ROUTES
from engage.web.api.openapi import problems_of
from engage.web.api.problems import KINDS
from tests.api.system import System, rows
from tests.visits import book, patient

Operation = APIOperation[Any, Any, Any, Any]
# In make chaos more than 20,000 requests.
EXAMPLES = 1000 if os.environ.get("ENGAGE_WHOLE_PROOFS") else 12
# Rules that a schema can't say: exactly one of two parameters, times that exist, dates to come. They are tested one by
# one; here such a refusal is right as long as it is one that the document names.
RULES = "positive_data_acceptance"


@pytest.fixture
def operations(system: System) -> dict[str, Operation]:
    """What the running app says that it does, by operationId."""
    system.world.enrol()
    book(system.world, patient(system.world, "Bo", "bo@example.org", None), date(2026, 11, 12))
    load_all_checks()
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", system.client.application)
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    return {operation.definition.raw["operationId"]: operation for operation in found}


@pytest.mark.timeout(1800 if EXAMPLES > 100 else 120)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
@pytest.mark.parametrize("name", [route.name for route in ROUTES])
def test_no_request_brings_an_answer_that_the_document_does_not_name(
    system: System, operations: dict[str, Operation], name: str, mode: GenerationMode
) -> None:
    operation = operations[name]
    auth = {"Authorization": f"Bearer {system.made.key}"}
    known = _known(system, operation.path) if mode == GenerationMode.POSITIVE else None
    checks = schemathesis.checks.CHECKS
    excluded = checks.get_by_names([RULES, "ignored_auth"])

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode, path_parameters=known))
    def holds(case: Any) -> None:
        # A parameter without any value is not sent at all.
        hypothesis.assume(all(value not in ([], {}, None) for value in (case.query or {}).values()))
        case.call_and_validate(headers=auth, excluded_checks=excluded)

    holds()


def test_the_document_has_every_route_and_nothing_else(client_of: FlaskClient) -> None:
    told = client_of.get("/api/openapi.json").json
    assert told is not None and told["openapi"] == "3.1.0"
    rules = {
        (rule.rule.replace("<uuid:", "{").replace("<path:", "{").replace("<", "{").replace(">", "}"), method)
        for rule in client_of.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, m.upper()) for path, methods in told["paths"].items() for m in methods} == rules


def test_every_operation_says_what_it_does_who_may_and_what_can_go_wrong(client_of: FlaskClient) -> None:
    told = client_of.get("/api/openapi.json").json
    assert told is not None
    operations = {o["operationId"]: o for methods in told["paths"].values() for o in methods.values()}
    for route in ROUTES:
        operation = operations[route.name]
        assert operation["summary"] and operation["description"].endswith(".")
        assert operation["security"] == [{"bearer": [route.scope]}]
        assert {str(KINDS[name].status) for name in problems_of(route)} <= set(operation["responses"])
        assert all(
            parameter.get("description") or parameter["in"] == "path" for parameter in operation["parameters"]
        )


@pytest.fixture
def client_of(system: System) -> FlaskClient:
    return system.client


def _known(system: System, path: str) -> dict[str, Any] | None:
    """An id that is there for the one place of a path."""
    if "{id}" not in path:
        return None
    table = path.split("/")[3]
    return {"id": str(rows(system.rt, f"SELECT id FROM {table} ORDER BY id LIMIT 1")[0][0])}

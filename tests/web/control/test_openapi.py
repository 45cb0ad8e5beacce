from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mockserver.web.control import control_rows
from mockserver.web.control.openapi import document
from mockserver.web.control.problems import TITLES
from mockserver.web.server import Server

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.schemas import APIOperation

    Row: TypeAlias = APIOperation[Any, Any, Any, Any]
    Call: TypeAlias = Case[Any]

START = "2026-03-01T10:00:00Z"

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]

DOCUMENT = document()


def rows_of(described: dict[str, Any]) -> list[Row]:
    found = list(schemathesis.openapi.from_dict(described).get_all_operations())
    rows = [row.ok() for row in found if isinstance(row, Ok)]
    assert len(rows) == len(found)
    return rows


def without_tenants(described: dict[str, Any]) -> dict[str, Any]:
    """Leave out the parameters that every row has: what is made up for them is no tenant."""
    described = deepcopy(described)
    for path in described["paths"].values():
        path["parameters"] = [one for one in path["parameters"] if "Tenant" not in one.get("$ref", "")]
    return described


def label(row: Row) -> str:
    return f"{row.method.upper()} {row.path}"


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        kind, name = part["$ref"].split("/")[2:]
        part = DOCUMENT["components"][kind][name]
    return part


def described(row: Row) -> dict[str, Any]:
    """Return what the document says of a row."""
    said: dict[str, Any] = DOCUMENT["paths"][row.path][row.method]
    return said


def bodies_of(row: Row) -> list[dict[str, Any]]:
    """Return the bodies that the document shows for a row, with their media types; none where it takes none."""
    for kind, content in resolved(described(row).get("requestBody", {})).get("content", {}).items():
        shown = [example["value"] for example in content.get("examples", {}).values()]
        shown += [content["example"]] if "example" in content else resolved(content["schema"]).get("examples", [])
        return [{"media_type": kind, "body": value} for value in shown]
    return [{}]


def parameters_of(row: Row, place: str) -> dict[str, Any]:
    """Return the values that the document shows for the parameters in one place of a row."""
    references = DOCUMENT["paths"][row.path]["parameters"] + described(row).get("parameters", [])
    parameters = [parameter for parameter in map(resolved, references) if parameter["in"] == place]
    return {parameter["name"]: parameter["example"] for parameter in parameters if "example" in parameter}


ROWS = rows_of(without_tenants(DOCUMENT))
EXAMPLES = [(row, sent) for row in ROWS for sent in bodies_of(row)]
# Of a row that takes nothing but an empty object or a form, nothing wrong can be made up.
REFUSING = [row for row in ROWS if described(row).get("parameters") or "json" in str(bodies_of(row))]


class Stage:
    """A server, not listening, with something of everything, which every test finds as it was."""

    def __init__(self) -> None:
        self.server = Server(port=0, speed=0, start=START)
        self.application = self.server.gate.application
        self.client = self.application.test_client()
        self.post("/securating/invitations", {"email": "anna@example.com", "days": 0, "webhook": "http://x.example/"})
        self.post("/securating/invitations", {"email": "carl@example.com", "order": "17"})
        self.client.get("/nowhere")
        self.post("/clock/advance", {"days": 1})
        self.post("/webhooks/drain", {})
        self.post("/faults", {"name": "status"})
        self.waiting_vote = self.post("/smsvote/votes", {"name": "Обед", "question": "Что?", "options": ["суп"]})["nr"]
        self.token = self.client.get("/_mock/v1/securating/letters").get_json()["letters"][0]["token"]
        self.tenant = self.post("/tenants", {})["id"]
        self._world = self.server.double.world.copy()

    def post(self, target: str, body: object) -> Any:
        answer = self.client.post(f"/_mock/v1{target}", json=body)
        assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
        return answer.get_json()

    def rebuild(self) -> None:
        """Put everything back in its place."""
        self.server.double.restore(self._world)
        self.server.double.delivery.is_held = False
        self.post("/snapshots", {"name": "before-checkout"})
        if all(double.name != self.tenant for double in self.server.gate.tenants.doubles):
            self.tenant = self.post("/tenants", {})["id"]

    def place_of(self, row: Row) -> dict[str, Any]:
        """Return the path parameters of something that is there."""
        own: dict[str, dict[str, Any]] = {
            "/tenants/{id}": {"id": self.tenant},
            "/securating/invitations/{token}": {"token": self.token},
            "/smsvote/votes/{nr}/start": {"nr": self.waiting_vote},
        }
        return parameters_of(row, "path") | own.get(row.path, {})


@pytest.fixture(scope="module")
def built() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.server.gate.tenants.stop()


@pytest.fixture
def stage(built: Stage) -> Stage:
    built.rebuild()
    return built


def test_the_document_is_valid() -> None:
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_every_row_that_is_served_is_described_and_every_row_described_is_served(stage: Stage) -> None:
    served = {(row.method, re.sub(r"<(\w+)>", r"{\1}", row.path)) for row in control_rows(stage.server.gate)}
    assert {(row.method.upper(), row.path) for row in ROWS} == served


def test_every_row_has_a_name_of_its_own_a_sentence_and_a_section() -> None:
    names = [described(row)["operationId"] for row in ROWS]
    assert len(set(names)) == len(names)
    sections = {tag["name"] for tag in DOCUMENT["tags"]}
    for row in ROWS:
        assert described(row)["summary"].endswith(".")
        assert set(described(row)["tags"]) <= sections
        if (first := row.path.split("/")[1]) in sections:
            assert described(row)["tags"] == [first]


def test_every_type_of_problem_is_named() -> None:
    named = DOCUMENT["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert named == [f"urn:mockserver:{kind}" for kind in TITLES]


def test_everything_that_is_described_once_for_all_is_used() -> None:
    written = str(DOCUMENT)
    for kind, parts in DOCUMENT["components"].items():
        for name in parts:
            assert kind == "securitySchemes" or f"'#/components/{kind}/{name}'" in written, name


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_every_row_is_about_the_tenant_that_is_named_and_takes_no_parameter_that_it_does_not_name(
    stage: Stage, row: Row
) -> None:
    before, place = stage.server.double.world.clock.now, stage.place_of(row)
    unknown_tenant, unknown_parameter = (404, "not-found", "tenant"), (400, "invalid-input", "colour")
    for call, expected in (
        (row.Case(path_parameters=place, headers={"X-Mock-Tenant": "nobody"}), unknown_tenant),
        (row.Case(path_parameters=place, query={"tenant": "nobody"}), unknown_tenant),
        (row.Case(path_parameters=place, query={"colour": "red"}), unknown_parameter),
        (row.Case(path_parameters=place, query={"colour": "red", "tenant": "main"}), unknown_parameter),
    ):
        answer = call.call(app=stage.application)
        told = answer.json()
        assert (answer.status_code, told["type"].removeprefix("urn:mockserver:"), told["field"]) == expected
    assert stage.server.double.world.clock.now == before


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_every_parameter_that_a_row_takes_is_described(stage: Stage, row: Row) -> None:
    answer = row.Case(path_parameters=stage.place_of(row), query={"colour": "red"}).call(app=stage.application)
    taken = answer.json()["detail"].partition("there are: ")[2].replace("none", "")
    named = [resolved(parameter) for parameter in described(row).get("parameters", [])]
    assert sorted(filter(None, taken.split(", "))) == sorted(each["name"] for each in named if each["in"] == "query")


@pytest.mark.parametrize(
    ("row", "sent"), EXAMPLES, ids=[f"{label(row)} {number}" for number, (row, _) in enumerate(EXAMPLES)]
)
def test_the_server_accepts_the_documents_own_examples(stage: Stage, row: Row, sent: dict[str, Any]) -> None:
    query, headers = parameters_of(row, "query"), parameters_of(row, "header")
    call = row.Case(path_parameters=stage.place_of(row), query=query, headers=headers, **sent)
    answer = call.call(app=stage.application)
    assert answer.status_code < 300, answer.text
    call.validate_response(answer, checks=CHECKS)


def answers_as_described(stage: Stage, row: Row, mode: GenerationMode, place: dict[str, Any] | None) -> None:
    @settings(max_examples=3, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(call=row.as_strategy(generation_mode=mode, path_parameters=place).map(hurried))
    def check(call: Call) -> None:
        call.validate_response(call.call(app=stage.application), checks=CHECKS)

    check()


def hurried(call: Call) -> Call:
    """Have a call wait for next to nothing."""
    for place in (call.query, call.body):
        if isinstance(place, dict):
            wait = place.get("wait")
            if isinstance(wait, (int, float)) and wait > 0:
                place["wait"] = 0.001
    return call


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_whatever_may_be_sent_is_answered_as_described(stage: Stage, row: Row) -> None:
    answers_as_described(stage, row, GenerationMode.POSITIVE, stage.place_of(row))


@pytest.mark.parametrize("row", REFUSING, ids=label)
def test_whatever_may_not_be_sent_is_refused_as_described(stage: Stage, row: Row) -> None:
    answers_as_described(stage, row, GenerationMode.NEGATIVE, None)

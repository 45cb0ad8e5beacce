"""The arrows of the house point downward only, and the two services never see each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mockserver"
FLOORS = ["core", "services", "controls", "runtime", "web", "doors"]
DOORS: dict[str, set[str]] = {
    "shipped": set(),
    "interception": set(),
    "client": set(),
    "testing": {"interception"},
    "pytest": {"interception", "testing"},
    "contract": {"client", "interception", "testing"},
    "cli": {"client", "contract"},
    "__main__": {"cli"},
}
"""The doors, each with the others that it may open."""
FLASK = {"flask", "werkzeug", "click"}
IMPURE = {"threading", "socket", "socketserver", "ssl", "http", "asyncio", "subprocess", "time", "random", "os"}
RENDERERS = {"jinja2", "xlsxwriter"}
PURE_FILES = {"model.py", "rules.py", "wire.py"}

SERVICES = {path.parent.name for path in (PACKAGE / "services").glob("*/model.py")}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def floor(module: str) -> str:
    """Return the floor of `core/clock.py` or of `mockserver.core.clock`."""
    name = room(module)
    return name if name in FLOORS else "doors"


def room(module: str) -> str:
    """Return the room of a module: a folder, or the files beside them, of which the plugin's are one room."""
    name = module.removeprefix("mockserver.").removesuffix(".py").replace("/", ".").split(".")[0]
    return "pytest" if name.startswith("pytest_") else name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downward_only(path: Path) -> None:
    here = path.relative_to(PACKAGE).as_posix()
    imported = imports(path)
    level = FLOORS.index(floor(here))
    ours = {name for name in imported if name.startswith("mockserver.")} - {"mockserver.__version__"}
    upward = {name for name in ours if FLOORS.index(floor(name)) > level and "mockserver.shipped" not in name}
    assert not upward
    if floor(here) == "doors" and here != "__init__.py":
        assert {room(name) for name in ours} - {*FLOORS, room(here), "shipped"} <= DOORS[room(here)]
    roots = {name.split(".")[0] for name in imported} | {name for name in imported if name == "http.client"}
    if floor(here) in {"core", "services", "controls"}:
        assert not roots & (FLASK | IMPURE)
    if floor(here) == "core" or path.name in PURE_FILES:
        assert not roots & RENDERERS
    if floor(here) == "runtime":
        # A WSGI application receives its webhooks through werkzeug's own test client.
        assert not (roots - {"werkzeug"}) & FLASK
        assert {name for name in imported if name.startswith("werkzeug")} <= {"werkzeug.test.Client"}
    if here.startswith("services/") and here != "services/__init__.py":
        service = here.split("/")[1]
        assert not {name.split(".")[2] for name in ours if name.startswith("mockserver.services.")} & (
            SERVICES - {service}
        )


def test_the_top_level_holds_the_six_entries_and_nothing_else() -> None:
    visible = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    built = {"dist", "node_modules"}
    assert visible - built == {"pyproject.toml", "README.md", "Makefile", "mockserver", "fixtures", "tests"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert length <= 30, f"{node.name} is {length} lines long"

"""Pages and letters as Jinja2 templates; Jinja2 is imported when the first one is rendered."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jinja2 import Environment


def render(folder: Path | tuple[Path, ...], name: str, /, **values: object) -> str:
    """Render the template `name` of a `templates` folder, or the first of several that has it.

    In `.html`, every value is escaped.
    """
    return _environment(folder).get_template(name).render(**values)


class Block(NamedTuple):
    """A style or a script that stands inside a page, and its hash as a content-security policy names it."""

    text: str
    hash: str


@cache
def read_block(folder: Path, name: str) -> Block:
    """Read the style or script `name` of a `templates` folder.

    A page that allows its own blocks by their hashes, and nothing else, runs and wears nothing that came from outside.
    """
    text = (folder / name).read_text(encoding="utf-8")
    return Block(text, f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'")


@cache
def _environment(folder: Path | tuple[Path, ...]) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape  # noqa: PLC0415

    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

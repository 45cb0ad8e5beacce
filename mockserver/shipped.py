"""Files that come with the package: worlds, the survey catalogue, the ledger of claims."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "fixtures"

FOLDER = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent / "fixtures"
"""Where they are: inside an installed package, beside it in a checkout."""


def read_shipped(name: str) -> str:
    """Return the text of a shipped file, such as `worlds/demo.json`."""
    return (FOLDER / name).read_text(encoding="utf-8")

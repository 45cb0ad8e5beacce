"""The control surface described for programs: a document written by hand, with the version of this package."""

from __future__ import annotations

import json
from typing import Any

from mockserver import __version__
from mockserver.shipped import read_shipped


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    written: dict[str, Any] = json.loads(read_shipped("openapi.json"))
    written["info"]["version"] = __version__
    return written

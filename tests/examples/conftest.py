"""The examples are projects of their own, each run by `tests/test_examples.py` and by nobody else from up here."""

from __future__ import annotations

collect_ignore_glob = ["*"]

"""Measure the double beside its peers: `python tests/benchmarks/run.py`, on Linux."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import clients_bench
import contract_bench
import crowd_bench
import fixture_bench
import interception_bench
import journal_bench
import pages_bench
import provenance_bench
import report_bench
import requests_bench
import snapshots_bench
import start_bench
import tenants_bench
import time_bench
import tls_bench
from table import Options, Table

BENCHMARKS = {
    "requests": requests_bench,
    "clients": clients_bench,
    "crowd": crowd_bench,
    "tls": tls_bench,
    "interception": interception_bench,
    "start": start_bench,
    "fixture": fixture_bench,
    "time": time_bench,
    "report": report_bench,
    "provenance": provenance_bench,
    "contract": contract_bench,
    "tenants": tenants_bench,
    "journal": journal_bench,
    "snapshots": snapshots_bench,
    "pages": pages_bench,
}
"""Each a module with `run(options) -> Table`."""


def main() -> None:
    """Run what the command line asks for, a table after the other; progress goes to stderr."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="run this benchmark; may be repeated")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter windows: a look, not a measurement")
    parser.add_argument("--peers", choices=["pip", "all"], default="pip", help="all: mountebank and WireMock too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    asked = parser.parse_args()
    options = Options(quick=asked.quick, all_peers=asked.peers == "all")
    tables: dict[str, Table] = {}
    for name in asked.only or BENCHMARKS:
        tables[name] = BENCHMARKS[name].run(options)
        print(tables[name], end="\n\n", flush=True)
    if asked.json:
        asked.json.write_text(json.dumps({name: asdict(table) for name, table in tables.items()}, indent=2) + "\n")


if __name__ == "__main__":
    main()

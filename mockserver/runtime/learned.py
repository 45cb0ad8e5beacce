"""Settings that were learned from a real account, in a file of their own: each with its date and its evidence."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path

from mockserver.core.errors import InvalidInput, Refusal
from mockserver.services import SERVICES
from mockserver.services.facts import to_json
from mockserver.services.fields import Fields
from mockserver.services.nearness import did_you_mean

FORMAT = "mockserver-settings/1"

MAX_AGE = timedelta(days=180)
"""How long what was seen is believed without a second look."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """What was seen of one setting, such as `smsvote.balance_places`; of a mapping, the keys that were seen."""

    setting: str
    value: object
    seen_at: date
    evidence: str
    claims: tuple[str, ...]

    @property
    def key(self) -> Key:
        """What a later look at the same thing replaces."""
        return (self.setting, *(sorted(self.value) if isinstance(self.value, Mapping) else ()))

    def is_older(self, max_age: timedelta, today: date) -> bool:
        """Say whether it was seen longer ago than `max_age`."""
        return today - self.seen_at > max_age


def read_learned(file: str | Path) -> list[Learned]:
    """Return what a file holds. Raises `InvalidInput` saying where the mistake is and what was expected."""
    try:
        written = json.loads(Path(file).read_text(encoding="utf-8-sig"))
        learned = _read(Fields(written))
        overridden(learned)
    except OSError as error:
        raise InvalidInput(str(file), f"{error.strerror}; a file of learned settings expected") from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(str(file), f"not JSON: {error}") from None
    except Refusal as mistake:
        raise InvalidInput(f"{file}: {mistake.field or 'file'}", mistake.said) from None
    except InvalidInput as mistake:
        raise InvalidInput(f"{file}: {mistake.path}", mistake.problem) from None
    return learned


def _read(root: Fields) -> list[Learned]:
    if (version := root.take("format", str, "")) != FORMAT:
        root.refuse("format", f"{version!r}, {FORMAT!r} expected")
    learned = [_read_entry(entry) for entry in root.take_objects("settings")]
    root.finish()
    return learned


def _read_entry(entry: Fields) -> Learned:
    setting, value = entry.take("setting", str), entry.take_any("value", (str, int, bool, list, dict))
    text = entry.take("seen_at", str)
    try:
        seen_at = date.fromisoformat(text)
    except ValueError:
        entry.refuse("seen_at", f"{text[:80]!r}, a date such as 2026-03-01 expected")
    evidence, claims = entry.take("evidence", str, ""), entry.take("claims", list, [])
    entry.finish()
    if setting not in claims_by_setting():
        why = f"{setting[:80]!r}, a setting that `mockserver claims` lists expected"
        entry.refuse("setting", why, did_you_mean(setting, claims_by_setting()))
    return Learned(setting, value, seen_at, evidence, tuple(map(str, claims)))


def write_learned(file: Path, learned: Iterable[Learned]) -> None:
    """Write a file, whole or not at all; what it held that is not seen anew stays. Raises `InvalidInput`."""
    kept = {each.key: each for each in (read_learned(file) if file.exists() else ())}
    kept |= {each.key: each for each in learned}
    rows = [to_json(kept[key]) for key in sorted(kept)]
    half = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        half.write_text(
            json.dumps({"format": FORMAT, "settings": rows}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
        half.replace(file)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise InvalidInput(str(file), f"{error.strerror}; a file that can be written expected") from None


def check_writable(file: Path) -> None:
    """Raise `InvalidInput` for a file that `write_learned` could not write, or does not understand."""
    if file.exists():
        read_learned(file)
    if not (file.parent.is_dir() and os.access(file.parent, os.W_OK)):
        raise InvalidInput(str(file), "a file in a folder that can be written expected")


def overridden(learned: Iterable[Learned]) -> dict[str, dict[str, object]]:
    """Return what was learned as settings by service. Raises `InvalidInput` for a value that makes no sense."""
    values: dict[str, dict[str, object]] = {service.name: {} for service in SERVICES}
    for each in learned:
        owner, _, name = each.setting.partition(".")
        earlier, now = values[owner].get(name), each.value
        values[owner][name] = {**earlier, **now} if isinstance(earlier, dict) and isinstance(now, dict) else now
    for service in SERVICES:
        service.settings().override(values[service.name], service.name)
    return values


def overrides_of(file: str | Path) -> tuple[str, ...]:
    """Return what a file holds as the command line's `--set` takes it. Raises `InvalidInput`."""
    return tuple(
        f"{service}.{name}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for service, values in overridden(read_learned(file)).items()
        for name, value in values.items()
    )


def claims_by_setting() -> dict[str, tuple[str, ...]]:
    """Return every setting, such as `smsvote.balance_places`, with the claims it answers for."""
    return {
        f"{service.name}.{setting.name}": setting.metadata["claims"]
        for service in SERVICES
        for setting in fields(service.settings)
    }

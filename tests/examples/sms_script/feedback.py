"""Ask customers for a rating by text message, and read what they have answered.

python feedback.py ask 71234567890 71234567891
python feedback.py report 7        the ratings of the last seven days
python feedback.py vote            the vote that is running
python feedback.py balance
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

MOSCOW = timezone(timedelta(hours=3))
QUESTION = "Оцените нас от 1 до 5"
THANKS = "Спасибо за оценку!"
BATCH = 20
"""How many messages fit into the address of one command."""


class Refused(Exception):
    """The service has answered `Error: …`."""


def command(name: str, **fields: object) -> str:
    """Send a command; return the answer."""
    asked = {"id": int(os.environ["SMSVOTE_ID"]), **fields, "secure": os.environ["SMSVOTE_SECURE"]}
    query = urlencode({"json": json.dumps(asked)})
    with urlopen(f"{os.environ['SMSVOTE_URL']}/api/command/{name}.php?{query}", timeout=5) as response:
        answer: str = response.read().decode()
    if answer.startswith("Error: "):
        raise Refused(answer.removeprefix("Error: "))
    return answer


def ask(*phones: str) -> None:
    """Ask for a rating."""
    messages = [{"phone": phone, "text": QUESTION, "text_final": THANKS} for phone in phones]
    for first in range(0, len(messages), BATCH):
        command("send_message", transport="sms", message=messages[first : first + BATCH])


def report(days: int) -> list[dict[str, Any]]:
    """Return the ratings of the last days, until now."""
    now = datetime.now(MOSCOW)
    period = {"date_from": now - timedelta(days=days), "date_to": now}
    written = {name: f"{moment:%Y-%m-%d %H:%M:%S}" for name, moment in period.items()}
    ratings: list[dict[str, Any]] = json.loads(command("feedback_report", format="json", **written))
    return ratings


def vote() -> dict[str, int]:
    """Return how many votes each option of the running vote has."""
    answers = json.loads(command("vote_report", vote_nr="most_recent_active"))["answers"]
    return {answer["text"]: answer["votes"] for answer in answers}


def balance() -> Decimal:
    """Return what is left of our money."""
    return Decimal(command("balance"))


def main(wanted: str, *more: str) -> None:
    """Do what the command line says."""
    if wanted == "ask":
        ask(*more)
    elif wanted == "report":
        for rating in report(int(*more)):
            print(f"{rating['date']}  {rating['phone']}  {rating['text']}")
    else:
        print({"vote": vote, "balance": balance}[wanted]())


if __name__ == "__main__":
    main(*sys.argv[1:])

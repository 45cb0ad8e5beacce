"""The two documents' own examples, through the tools their readers use."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests

HERE = Path(__file__).parent
SECURE = "05ea83436373cae23787455c5fd1de87"

SEND = (
    '{"id":52,"transport":"sms","message":[{"phone":71234567890,"employee":"Иван Петров","order":"12345",'
    '"text":"Пожалуйста, оцените наш сервис от 1 до 5 в ответном сообщении","text_final":"Спасибо за оценку!"}],'
    f'"secure":"{SECURE}"}}'
)
SEND_TO_A_STRING = SEND.replace("71234567890", '"71234567890"')
REPORT = (
    f'{{"id":52,"format":"json","date_from":"2015-05-01 00:00:00","date_to":"2016-06-30 23:59:59","secure":"{SECURE}"}}'
)
REPORT_CSV = REPORT.replace('"json"', '"csv"')
VOTE = f'{{"id":52,"vote_nr":"29","secure":"{SECURE}"}}'
NEWEST_VOTE = VOTE.replace('"29"', '"most_recent_active"')
BALANCE = f'{{"id":52,"secure":"{SECURE}"}}'

DOCUMENTED = [
    ("send_message", SEND, "^OK$"),
    ("send_message", SEND_TO_A_STRING, "^OK$"),
    ("feedback_report", REPORT, '"rating"'),
    ("feedback_report", REPORT_CSV, "rating"),
    ("vote_report", VOTE, '"answers"'),
    ("votereport", VOTE, '"answers"'),
    ("vote_report", NEWEST_VOTE, '"answers"'),
    ("balance", BALANCE, r"^\d+\.\d\d$"),
]


def url(base: str, name: str, json_text: str) -> str:
    return f"{base}/api/command/{name}.php?json={json_text}"


@pytest.mark.claim("SEC-C1", "SEC-W1", "SEC-W2", "SEC-W3", "SEC-W4", "SEC-W5", "SEC-W6", "SEC-W7", "SEC-O9")
def test_the_php_example_prints_a_link_and_its_receiver_gets_all_five_steps(
    running: Any, php_receiver: tuple[str, Path], needs: Callable[[str], str]
) -> None:
    receiver, received = php_receiver
    hook = f"{receiver}/securating?id=123456"
    script = [needs("php"), str(HERE / "php" / "securating_example.php"), running.url]
    shown = subprocess.run([*script, running.ready["securating"]["keywebsite"], hook], capture_output=True, check=True)
    assert shown.stderr == b""
    match = re.fullmatch(r'link: <a href="(https://mon-site-web/ma-page-web\?securating_token=\w{64})">Click on me</a>',
                         shown.stdout.decode())  # fmt: skip
    assert match
    running.post("/webhooks/drain")
    fired = running.post("/clock/advance", days=6)["fired"]
    assert [promise["task"]["task"] for promise in fired] == ["SendRecall"]
    running.post("/securating/open", email="anna@example.com")
    running.post("/securating/review", email="anna@example.com", rating=5, comment="Très bien, à 100 %")
    running.post("/webhooks/drain")
    said = [json.loads(line) for line in received.read_text(encoding="utf-8").splitlines()]
    assert [call["step"] for call in said] == [
        "invitation-created", "mail-send", "mail-recall", "link-opened", "review-saved",
    ]  # fmt: skip
    assert {(call["id"], call["meta_order"]) for call in said} == {("123456", "N° 17 & suite")}
    assert (said[-1]["rating"], said[-1]["decoded"]) == ("5", "Très bien, à 100 %")
    assert {call["status"] for call in running.get("/webhooks")["webhooks"]} == {"acknowledged"}
    assert running.get("/outbox?to=anna@example.com")["outbox"][0]["link"] == match[1]


@pytest.mark.claim("SMS-G1", "SMS-G2", "SMS-M2", "SMS-V1", "SMS-V2", "SMS-B1")
@pytest.mark.parametrize(("name", "command", "expected"), DOCUMENTED)
def test_every_documented_url_answers_curl_as_printed_and_encoded(
    running: Any, needs: Callable[[str], str], name: str, command: str, expected: str
) -> None:
    curl = [needs("curl"), "-sS", "--globoff", "--fail"]
    as_printed = url(running.url, name, command.replace(" ", "%20"))  # curl itself refuses a space in a URL
    encoded = url(running.url, name, quote(command, safe=""))
    get = [*curl, "-G", "--data-urlencode", f"json={command}", f"{running.url}/api/command/{name}.php"]
    post = [*curl, "--data-urlencode", f"json={command}", f"{running.url}/api/command/{name}.php"]
    answers = [
        subprocess.run(call, capture_output=True, check=True).stdout.decode("utf-8-sig")
        for call in ([*curl, as_printed], [*curl, encoded], get, post)
    ]
    assert len(set(answers)) == 1
    assert re.search(expected, answers[0])


@pytest.mark.claim("SMS-G1")
def test_the_same_urls_answer_requests_and_node(running: Any, needs: Callable[[str], str]) -> None:
    urls = [url(running.url, name, command) for name, command, _ in DOCUMENTED]
    by_requests = [requests.get(one, timeout=10).content.decode() for one in urls]
    script = [needs("node"), str(HERE / "node" / "smsvote.mjs"), *urls]
    by_node = subprocess.run(script, capture_output=True, check=True, text=True, encoding="utf-8").stdout.splitlines()
    for (name, _, expected), first, second in zip(DOCUMENTED, by_requests, map(json.loads, by_node), strict=True):
        assert re.search(expected, first)
        assert re.search(expected, second)
        if name != "balance":  # which the messages sent in between have lowered
            assert first.removeprefix("\ufeff") == second.removeprefix("\ufeff")


@pytest.mark.claim("SMS-M4", "SMS-F1", "SMS-F5", "SMS-F6")
def test_a_phone_rates_gets_its_final_text_and_the_report_shows_the_row(running: Any) -> None:
    phone = "79991112233"
    command = SEND.replace("71234567890", phone)
    assert requests.get(url(running.url, "send_message", command), timeout=10).text == "OK"
    running.post(f"/smsvote/phones/{phone}/send", text="5 отлично")
    inbox = [message["text"] for message in running.get(f"/outbox?to={phone}")["outbox"]]
    assert inbox == ["Пожалуйста, оцените наш сервис от 1 до 5 в ответном сообщении", "Спасибо за оценку!"]
    period = ("2015-05-01 00:00:00", "2099-12-31 23:59:59")
    wanted = REPORT.replace("2016-06-30 23:59:59", period[1])
    row = requests.get(url(running.url, "feedback_report", wanted), timeout=10).json()[-1]
    assert (str(row["phone"]), int(row["rating"]), row["employee"], row["order"], row["text"]) == (
        phone, 5, "Иван Петров", "12345", "5 отлично",
    )  # fmt: skip
    wanted_csv = wanted.replace('"json"', '"csv"')
    table = requests.get(url(running.url, "feedback_report", wanted_csv), timeout=10).content.decode("utf-8-sig")
    last = list(csv.DictReader(io.StringIO(table, newline=""), delimiter=";"))[-1]
    assert (last["phone"], last["rating"], last["employee"], last["text"]) == (phone, "5", "Иван Петров", "5 отлично")


def test_the_welcome_prints_one_working_curl_line_for_each_service(running: Any, needs: Callable[[str], str]) -> None:
    needs("curl")
    lines = [line.strip() for line in running.welcome.splitlines() if line.strip().startswith("curl ")]
    answers = [
        subprocess.run(line.replace("curl ", "curl -sS --fail ", 1), shell=True, capture_output=True, check=True).stdout
        for line in lines
    ]
    assert len(answers) == 3
    assert any(answer.startswith(b"https://maison-demo.example/avis?securating_token=") for answer in answers)
    assert any(re.fullmatch(rb"\d+\.\d\d\n", answer) for answer in answers)
    assert any(b'"fired"' in answer for answer in answers)


@pytest.mark.claim("SEC-O6")
@pytest.mark.parametrize(
    ("search", "frames"),
    [
        ("?securating_token=abc123&x=1", ["http://127.0.0.1:8052/review?securating_token=abc123"]),
        ("?x=1", []),
    ],
)
def test_the_script_shows_the_form_on_a_page_opened_with_a_token(
    running: Any, needs: Callable[[str], str], search: str, frames: list[str]
) -> None:
    script = requests.get(f"{running.url}/resource/build.js", timeout=10).text
    command = [needs("node"), str(HERE / "node" / "build_script.mjs"), search]
    shown = subprocess.run(command, input=script, capture_output=True, check=True, text=True).stdout
    assert json.loads(shown) == frames


@pytest.mark.claim("SEC-O9")
def test_an_http_1_0_client_gets_a_complete_answer_with_its_length(running: Any) -> None:
    import socket

    body = urlencode({"keywebsite": running.ready["securating"]["keywebsite"], "email": "b@example.com"})
    head = "POST /invitation/create HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2])), timeout=10) as client:
        client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    top, _, content = answer.partition(b"\r\n\r\n")
    assert f"content-length: {len(content)}".encode() in top.lower()
    assert b"chunked" not in top.lower()
    assert content.startswith(b"https://maison-demo.example/")


@pytest.mark.claim("SEC-O8")
def test_a_query_with_raw_spaces_and_flags_is_understood(running: Any) -> None:
    import socket

    token = running.ready["securating"]["keywebsite"]
    target = (
        f"/widgets/1.7?token={token}&type=product&internal_ref=25:un sku&product_desc=Thé vert&hide_reviews&hide_logo&"
    )
    with socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2])), timeout=10) as client:
        client.sendall(f"GET {target} HTTP/1.0\r\nHost: api.securating.io\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65536), b"")).decode()
    assert answer.startswith("HTTP/1.")
    assert " 200 " in answer.splitlines()[0]
    assert "Thé vert" in answer
    assert "securating-logo" not in answer.partition("</style>")[2]

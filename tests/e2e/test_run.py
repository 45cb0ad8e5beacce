"""`mockserver run`: commands of many kinds reach the double under the real addresses, and nothing of them is left."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mockserver.web.authority import ca_pem_path

HERE = Path(__file__).parent
RUN = [sys.executable, "-m", "mockserver", "run"]

SECURATING = "https://api.securating.io/widgets/company/no-such-token/id"
SMSVOTE = "http://sms-vote.ru/api/command/balance.php"
WRONG_JSON = "Error: json has wrong format, and cannot be decoded"

Needs = Callable[[str], str]


def run(*command: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*RUN, *command], check=False, capture_output=True, text=True, timeout=60, input=said)


def assert_both_were_asked(done: subprocess.CompletedProcess[str]) -> None:
    """Each service has answered one line; a proxy that is no such client would have had other answers."""
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("404 ")
    assert second == f"200 {WRONG_JSON}"
    assert re.search(r"securating: .+\n", done.stderr)
    assert "smsvote: balance" in done.stderr


# Clients


def test_curl_reaches_both_and_nobody_else(needs: Needs) -> None:
    curl = f"{needs('curl')} -sS -w '\\n'"
    post = "-d keywebsite=$MOCKSERVER_SECURATING_KEYWEBSITE -d email=a@example.com"
    command = '{"id":\'$MOCKSERVER_SMSVOTE_ID\',"secure":"\'$MOCKSERVER_SMSVOTE_SECURE\'"}'
    script = f"""
        {curl} {post} https://api.securating.io/invitation/create
        {curl} -G {SMSVOTE} --data-urlencode 'json={command}'
        {curl} http://other.example/
        {curl} https://other.example/
    """

    done = run("--", "sh", "-c", script)

    link, balance, refusal = done.stdout.strip().splitlines()
    assert link.startswith("https://maison-demo.example/avis?securating_token=")
    assert re.fullmatch(r"\d+\.\d\d", balance)
    assert refusal.startswith("mockserver: other.example:80 is not answered here")
    assert done.returncode == 56  # what curl says of a tunnel that is not granted
    assert "mockserver: 2 calls" in done.stderr
    assert "     1  other.example:80\n     1  other.example:443\n" in done.stderr


def test_pythons_clients_reach_both() -> None:
    script = f"""
import json, os, urllib.request, urllib.error, requests, httpx
assert json.load(open(os.environ["MOCKSERVER_READY"]))["url"] == os.environ["MOCKSERVER_URL"]
for url in {[SECURATING, SMSVOTE]}:
    answers = {{(answer.status_code, answer.text) for answer in (requests.get(url), httpx.get(url))}}
    try:
        with urllib.request.urlopen(url) as answer:
            answers.add((answer.status, answer.read().decode()))
    except urllib.error.HTTPError as error:
        answers.add((error.code, error.read().decode()))
    (status, body), = answers
    print(status, body)
"""

    assert_both_were_asked(run("--", sys.executable, "-c", script))


def test_phps_streams_and_curl_reach_both(needs: Needs) -> None:
    assert_both_were_asked(run("--", needs("php"), str(HERE / "php" / "proxied.php"), SECURATING, SMSVOTE))


def test_what_phps_streams_say_of_an_answer_is_what_they_say_without_the_double(needs: Needs) -> None:
    done = run("--", needs("php"), "-d", "display_errors=0", str(HERE / "php" / "streams.php"), SMSVOTE, SECURATING)

    said = "Failed to open stream: HTTP request failed! HTTP/1.1 404 Not Found\r\n"
    assert json.loads(done.stdout) == {
        "first line": "HTTP/1.1 200 OK",
        "all lines are there": True,
        "status of a failure": "HTTP/1.1 404 Not Found",
        "last error": f"file_get_contents({SECURATING}): {said}",
        "there": False,
        "heard": [
            f"file_get_contents({SECURATING}): {said} in streams.php",
            f"fopen({SECURATING}): Failed to open stream: HTTP wrapper does not support writeable connections"
            " in streams.php",
            "another in streams.php",
            "get_headers() gives false under mockserver run in proxied_streams.php",
        ],
    }


def test_what_an_application_puts_before_its_scripts_is_still_there(tmp_path: Path, needs: Needs) -> None:
    (tmp_path / "first.ini").write_text(f'auto_prepend_file = "{tmp_path}/none.php"\n', encoding="utf-8")
    (tmp_path / "second.ini").write_text(f'auto_prepend_file = "{tmp_path}/own.php"\n', encoding="utf-8")
    (tmp_path / "own.php").write_text("<?php $own = getenv('OWN');", encoding="utf-8")
    (tmp_path / "script.php").write_text("<?php echo $own, file_get_contents($argv[1]);", encoding="utf-8")

    script = f'PHP_INI_SCAN_DIR={tmp_path}$PHP_INI_SCAN_DIR OWN=kept: "$0" "$@"'
    done = run("--", "sh", "-c", script, needs("php"), str(tmp_path / "script.php"), SMSVOTE)

    assert done.stdout == f"kept:{WRONG_JSON}"


def test_the_documented_php_example_reaches_the_real_address(needs: Needs) -> None:
    script = '"$0" "$1" https://api.securating.io "$MOCKSERVER_SECURATING_KEYWEBSITE" ""'

    done = run("--", "sh", "-c", script, needs("php"), str(HERE / "php" / "securating_example.php"))

    assert re.match(r'link: <a href="https://mon-site-web/ma-page-web\?securating_token=', done.stdout)


def test_node_reaches_both(needs: Needs) -> None:
    assert_both_were_asked(run("--", needs("node"), str(HERE / "node" / "proxied.mjs"), SECURATING, SMSVOTE))


def test_java_reaches_both(needs: Needs) -> None:
    assert_both_were_asked(run("--", needs("java"), str(HERE / "java" / "Probe.java"), SECURATING, SMSVOTE))


def test_a_browser_reaches_both(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome") or pytest.skip("no chromium is installed")
    certificate = x509.load_pem_x509_certificate(ca_pem_path().read_bytes())
    digest = Hash(SHA256())
    digest.update(certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    trusted = base64.b64encode(digest.finalize()).decode()
    script = f"""
        for url in {SECURATING} {SMSVOTE}; do
            profile=$(mktemp -d {tmp_path}/XXXXXX)  # the last one may still be in use
            "$0" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
                --disable-component-update --disable-sync --user-data-dir=$profile --dump-dom \
                --proxy-server=$MOCKSERVER_URL --ignore-certificate-errors-spki-list={trusted} $url
        done
    """

    done = run("--", "sh", "-c", script, browser)

    assert "no website has this token" in done.stdout, done.stderr
    assert WRONG_JSON in done.stdout
    assert "securating: company id" in done.stderr


# The command as a child


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["true"], 0),
        (["sh", "-c", "exit 3"], 3),
        (["sh", "-c", "kill -TERM $$"], 128 + signal.SIGTERM),
        (["no-such-command"], 127),
        (["/etc/passwd"], 126),
    ],
)
def test_the_exit_code_is_the_commands(command: list[str], code: int) -> None:
    done = run("--", *command)

    assert done.returncode == code
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    if code in {126, 127}:
        assert re.fullmatch(rf"mockserver: {command[0]}: .+\n", done.stderr)


def test_output_is_the_commands_alone_and_input_reaches_it() -> None:
    done = run("--speed", "0", "cat", "-", said="said\n")

    assert done.stdout == "said\n"
    assert done.stderr == "mockserver: 0 calls\n"


def test_a_quiet_run_says_nothing_of_its_own() -> None:
    done = run("--quiet", "--", "echo", "said")

    assert (done.returncode, done.stdout, done.stderr) == (0, "said\n", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_passed_on_and_the_command_may_end_in_its_own_way(number: int) -> None:
    script = f"""
import signal, sys
signal.signal({int(number)}, lambda *_: sys.exit(7))
print("ready", flush=True)
signal.pause()
"""
    with subprocess.Popen([*RUN, "--", sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(20) == 7


def test_what_the_command_leaves_running_ends_with_it() -> None:
    done = run("--", "sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!")

    assert not is_running(int(done.stdout))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a daemon is nobody's")
def test_a_daemon_that_the_command_leaves_behind_ends_with_it() -> None:
    daemon = "import os, time; os.setsid(); print(os.getpid(), flush=True); os.close(1); os.close(2); time.sleep(1000)"
    script = f"""
import subprocess, sys
process = subprocess.Popen([sys.executable, "-c", {daemon!r}], stdout=subprocess.PIPE, text=True)
print(process.stdout.readline(), end="", flush=True)
"""

    done = run("--", sys.executable, "-c", script)

    assert not is_running(int(done.stdout))


@pytest.mark.skipif(sys.platform == "win32", reason="nobody watches there")
def test_nothing_is_left_of_a_run_that_is_killed() -> None:
    daemon = "import os, time; os.setsid(); os.write(1, b'%d\\n' % os.getpid()); time.sleep(1000)"  # a line at once
    script = """
        echo $MOCKSERVER_READY
        sh -c 'trap "" TERM; echo $$; while :; do sleep 1000; done' &
        [ "$2" = linux ] && "$0" -c "$1" &
        wait"""
    command = [*RUN, "--", "sh", "-c", script, sys.executable, daemon, sys.platform]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        ready, *pids = [process.stdout.readline().strip() for _ in range(3 if sys.platform == "linux" else 2)]
        process.kill()
        process.communicate(timeout=20)  # to the end of an output that all of them hold

    assert not any(is_running(int(pid)) for pid in pids)
    assert not Path(ready).parent.exists()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_the_files_that_the_command_was_given_are_gone_afterwards() -> None:
    done = run("--", "sh", "-c", "cat $MOCKSERVER_READY; echo; echo $MOCKSERVER_READY")

    *lines, path = done.stdout.splitlines()
    assert set(json.loads("\n".join(lines))) >= {"url", "ca", "securating", "smsvote"}
    assert not Path(path).parent.exists()


def test_no_command_at_all_is_a_mistake_with_the_way_out() -> None:
    done = run()

    assert done.returncode == 2
    assert "Missing argument '-- COMMAND…'" in done.stderr

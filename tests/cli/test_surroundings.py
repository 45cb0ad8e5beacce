import re
import ssl
from pathlib import Path

import pytest

from mockserver.cli.surroundings import surroundings
from mockserver.cli.trust import java_store, trusted_with
from mockserver.web.authority import ca_pem_path

URL = "http://127.0.0.1:1234"
READY: dict[str, object] = {
    "url": URL,
    "securating": {"keywebsite": "k" * 64},
    "smsvote": {"id": 52, "secure": "s" * 32},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_credentials_and_the_token_are_there_by_name(folder: Path) -> None:
    found = surroundings(URL, {**READY, "token": "t"}, folder, {"HOME": "/home/me"})

    assert found["MOCKSERVER_SECURATING_KEYWEBSITE"] == "k" * 64
    assert (found["MOCKSERVER_SMSVOTE_ID"], found["MOCKSERVER_SMSVOTE_SECURE"]) == ("52", "s" * 32)
    assert (found["MOCKSERVER_TOKEN"], found["MOCKSERVER_URL"], found["HOME"]) == ("t", URL, "/home/me")


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ({}, ""),
        ({"NO_PROXY": "db.example, .intern.example,10.0.0.0/8"}, ",db.example,.intern.example,10.0.0.0/8"),
        ({"no_proxy": "localhost,a.example", "NO_PROXY": "b.example"}, ",a.example"),
        ({"NO_PROXY": "*"}, ""),
        ({"NO_PROXY": "a.example sms-vote.ru. b.example"}, ",a.example,b.example"),
        ({"NO_PROXY": "io,.ru,SMS-vote.ru:80,*.securating.io,api.securating.io,my-sms-vote.ru"}, ",my-sms-vote.ru"),
    ],
)
def test_names_that_needed_no_proxy_need_none_but_the_services_always_do(
    folder: Path, outer: dict[str, str], inner: str
) -> None:
    found = surroundings(URL, READY, folder, outer)

    assert found["NO_PROXY"] == found["no_proxy"] == f"localhost,127.0.0.1,::1{inner}"


def test_what_java_php_and_node_were_told_before_still_counts(folder: Path) -> None:
    outer = {
        "JAVA_TOOL_OPTIONS": "-Xmx1g",
        "PHP_INI_SCAN_DIR": "/etc/php/mine",
        "NODE_OPTIONS": "--no-warnings",
        "NO_PROXY": ".a.example",
    }

    found = surroundings(URL, READY, folder, outer)

    assert found["JAVA_TOOL_OPTIONS"].startswith("-Xmx1g -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=1234 ")
    assert " -Dhttp.nonProxyHosts=a.example|*.a.example " in found["JAVA_TOOL_OPTIONS"]
    assert found["PHP_INI_SCAN_DIR"] == f"/etc/php/mine:{folder}/php"
    assert found["NODE_OPTIONS"].startswith('--no-warnings --require "/')


def test_the_bundle_trusts_ours_and_whatever_was_trusted(folder: Path) -> None:
    found = surroundings(URL, READY, folder, {})
    system = ssl.create_default_context().get_ca_certs(binary_form=True)

    trusted = ssl.create_default_context(cafile=found["SSL_CERT_FILE"]).get_ca_certs(binary_form=True)

    assert set(trusted) >= {*system, ssl.PEM_cert_to_DER_cert(ca_pem_path().read_text())}
    assert found["SSL_CERT_FILE"] == found["REQUESTS_CA_BUNDLE"] == found["CURL_CA_BUNDLE"]


def test_a_store_for_java_holds_them_all() -> None:
    certificates = trusted_with(ca_pem_path())

    store = java_store(certificates)

    assert store[:12] == bytes.fromhex("feedfeed00000002") + len(certificates).to_bytes(4, "big")
    assert all(ssl.PEM_cert_to_DER_cert(certificate) in store for certificate in certificates)
    assert len(re.findall(rb"X\.509", store)) >= len(certificates)

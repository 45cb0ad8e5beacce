import gc
import re
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from freezegun import freeze_time

from mockserver.core.errors import InvalidInput
from mockserver.services import DOMAINS
from mockserver.web.authority import MOST_LEAVES, ca_pem_path, server_context
from mockserver.web.certificates import make_leaf, make_root

SERVED = ["api.securating.io", "securating.io", "cdn.securating.io", "sms-vote.ru", "www.sms-vote.ru", "localhost"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Have this test make an authority of its own, there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    ca_pem_path.cache_clear()
    yield tmp_path
    ca_pem_path.cache_clear()


def trusting(root: str) -> ssl.SSLContext:
    """Return a client's context, as strict as Python 3.13 has it."""
    context = ssl.create_default_context(cadata=root)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> ssl.SSLSocket:
    """Return the client's end of a connection on which both agreed. Raises what the client raises."""
    here, there = socket.socketpair()
    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(server.wrap_socket, there, server_side=True)
        try:
            end = client.wrap_socket(here, server_hostname=name)
        finally:
            here.close()
            if not serving.exception():
                serving.result().close()
            there.close()
    end.close()
    return end


def server_with(chain: bytes, folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (folder / "chain.pem").write_bytes(chain)
    context.load_cert_chain(folder / "chain.pem")
    return context


@pytest.mark.parametrize("name", [*SERVED, "127.0.0.1", "::1"])
def test_every_name_of_the_services_and_of_this_machine_is_vouched_for(name: str) -> None:
    server = server_context(lambda _: True)

    shake_hands(server, trusting(ca_pem_path().read_text()), name)


@pytest.mark.parametrize("name", ["a.b.securating.io", "www.shop.api.securating.io", "A.b.sms-vote.ru"])
def test_names_further_below_the_services_are_vouched_for_as_they_are_asked_for(name: str) -> None:
    server = server_context(lambda _: True)
    client = trusting(ca_pem_path().read_text())
    client.set_alpn_protocols(["h2", "http/1.1"])

    for _ in range(2):
        shake_hands(server, client, name)


def test_names_that_are_made_up_one_after_the_other_cost_no_memory() -> None:
    server, client = server_context(lambda _: True), trusting(ca_pem_path().read_text())
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE

    for number in range(2 * MOST_LEAVES):
        shake_hands(server, client, f"a.{number}.securating.io")

    gc.collect()
    assert sum(isinstance(each, ssl.SSLContext) for each in gc.get_objects()) <= MOST_LEAVES + 10


def test_a_leaf_that_cannot_be_written_gets_an_alert(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, client = server_context(lambda _: True), trusting(ca_pem_path().read_text())
    monkeypatch.setattr(tempfile, "tempdir", str(cache / "nowhere"))

    with pytest.raises(ssl.SSLError, match="INTERNAL_ERROR"):
        shake_hands(server, client, "a.b.securating.io")
    shake_hands(server, client, "b.securating.io")


def test_a_frozen_clock_does_not_matter() -> None:
    with freeze_time("2095-01-01"):
        server = server_context(lambda _: True)

    shake_hands(server, trusting(ca_pem_path().read_text()), "sms-vote.ru")


def test_only_http_1_1_is_agreed_upon() -> None:
    client = trusting(ca_pem_path().read_text())
    client.set_alpn_protocols(["h2", "http/1.1"])
    here, there = socket.socketpair()

    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(server_context(lambda _: True).wrap_socket, there, server_side=True)
        with client.wrap_socket(here, server_hostname="sms-vote.ru") as end, serving.result():
            assert end.selected_alpn_protocol() == "http/1.1"


def test_a_name_that_is_not_served_gets_the_alert_for_that() -> None:
    asked: list[str] = []
    server = server_context(lambda name: bool(asked.append(name)))  # type: ignore[func-returns-value]

    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        shake_hands(server, trusting(ca_pem_path().read_text()), "Other.Example")
    assert asked == ["other.example"]


@pytest.mark.parametrize("domain", ["other.example", "io", "notsecurating.io", "securating.io.other.example"])
def test_a_leaked_key_cannot_vouch_for_anybody_else(tmp_path: Path, domain: str) -> None:
    root, key = make_root(DOMAINS)
    server = server_with(make_leaf(root, key, [domain]), tmp_path)

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(server, trusting(root.decode()), domain)


@pytest.mark.parametrize(
    "name",
    [x509.RFC822Name("anna@other.example"), x509.UniformResourceIdentifier("https://other.example/")],
    ids=["a mailbox", "a URI"],
)
def test_a_leaked_key_cannot_vouch_for_names_of_other_kinds(tmp_path: Path, name: x509.GeneralName) -> None:
    root, root_key = make_root(DOMAINS)
    issuer = x509.load_pem_x509_certificate(root)
    signer = load_pem_private_key(root_key, None)
    assert isinstance(signer, EllipticCurvePrivateKey)
    forged = (
        x509.CertificateBuilder(issuer.subject, x509.Name([]), signer.public_key(), 1)
        .not_valid_before(datetime(2000, 1, 1, tzinfo=timezone.utc))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=timezone.utc))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), name]), critical=True)
        .sign(signer, SHA256())
    )
    server = server_with(root_key + forged.public_bytes(Encoding.PEM), tmp_path)

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        shake_hands(server, ssl.create_default_context(cadata=root.decode()), "localhost")


def test_a_leaked_key_vouches_for_servers_only() -> None:
    root = x509.load_pem_x509_certificate(make_root(DOMAINS)[0])

    usage = root.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value

    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_a_leaf_is_no_authority(tmp_path: Path) -> None:
    root, key = make_root(DOMAINS)
    leaf = make_leaf(root, key, DOMAINS)
    leaf_key, leaf_certificate = re.findall(rb"-----BEGIN.+?-----END[^\n]+\n", leaf, re.DOTALL)[:2]
    server = server_with(make_leaf(leaf_certificate, leaf_key, DOMAINS) + root, tmp_path)

    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(server, trusting(root.decode()), "sms-vote.ru")


def test_the_authority_is_kept_and_its_key_is_the_users_alone(cache: Path) -> None:
    path = ca_pem_path()
    first = path.read_bytes()
    ca_pem_path.cache_clear()

    assert ca_pem_path() == path
    assert path.read_bytes() == first
    assert cache in path.parents
    assert (path.parent / "key.pem").stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in path.parent.iterdir()) == ["ca.pem", "key.pem"]
    assert [folder.name for folder in path.parent.parent.iterdir()] == [path.parent.name]


def test_processes_that_come_first_at_the_same_time_agree(cache: Path) -> None:
    program = "from mockserver.web.authority import *; server_context(bool); print(ca_pem_path().read_text())"
    workers = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(4)]

    said = {worker.communicate(timeout=30)[0].strip() for worker in workers}

    assert said == {ca_pem_path().read_text().strip()}
    assert len(list((cache / "mockserver").iterdir())) == 1


def test_where_nothing_can_be_kept_the_authority_is_this_process_own(cache: Path) -> None:
    (cache / "mockserver").write_text("in the way")

    path = ca_pem_path()

    assert cache not in path.parents
    shake_hands(server_context(lambda _: True), trusting(path.read_text()), "sms-vote.ru")
    assert ca_pem_path() == path


@pytest.mark.parametrize("content", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
@pytest.mark.parametrize("file", ["ca.pem", "key.pem"])
def test_an_authority_that_cannot_be_read_says_where_it_is_and_what_to_do(file: str, content: str) -> None:
    (ca_pem_path().parent / file).write_text(content)

    with pytest.raises(InvalidInput, match=r"mockserver/ca-\S+: .+; remove it"):
        server_context(lambda _: True)


def test_a_key_of_another_authority_is_not_taken() -> None:
    (ca_pem_path().parent / "key.pem").write_bytes(make_root(DOMAINS)[1])

    with pytest.raises(InvalidInput, match="not that of the certificate"):
        server_context(lambda _: True)

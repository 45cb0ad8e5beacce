from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.services.service import Reply
from mockserver.web.http1 import (
    LONGEST_HEAD,
    LONGEST_LINE,
    MOST_HEADERS,
    Head,
    More,
    TooLarge,
    Unreadable,
    parse_head,
    parse_headers,
    parse_request_line,
    read_body,
    read_head,
    write_reply,
)

HEAD = b"POST /invitation/create HTTP/1.1\r\nHost: api.securating.io\r\nContent-Length: 5\r\n\r\n"
CHUNKED_HEAD = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"


def arriving(buffer: bytearray, pieces: Iterable[bytes]) -> More:
    coming = iter(pieces)

    def more() -> None:
        piece = next(coming, b"")
        if not piece:
            raise ConnectionAbortedError
        buffer.extend(piece)

    return more


def cut(sent: bytes, cuts: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(min(place, len(sent)) for place in cuts), len(sent)]
    return [sent[start:end] for start, end in pairwise(edges) if start < end]


def head_of(*pieces: bytes) -> Head:
    buffer = bytearray()
    return read_head(buffer, arriving(buffer, pieces), "http://127.0.0.1:1")


def chunks_of(*pieces: bytes, most: int = 1000) -> bytes:
    buffer = bytearray()
    return read_body(parse_head(CHUNKED_HEAD), buffer, arriving(buffer, pieces), most)


def refusal_of(text: str) -> Unreadable:
    with pytest.raises(Unreadable) as refused:
        parse_head(text)
    return refused.value


# Request lines and targets


@pytest.mark.claim("SEC-O8", "SMS-G1")
def test_a_target_may_hold_raw_spaces_braces_and_utf_8() -> None:
    line = 'GET /api/command/send_message.php?json={"name": "Иван Петров", "id": 52} HTTP/1.1'

    head = head_of(f"{line}\r\nHost: sms-vote.ru\r\n\r\n".encode())

    assert head.path == "/api/command/send_message.php"
    assert head.query == 'json={"name": "Иван Петров", "id": 52}'


def test_the_version_stands_after_the_last_space() -> None:
    assert parse_request_line("GET /?q=a HTTP/1.0 b HTTP/1.1") == ("GET", "/?q=a HTTP/1.0 b", True)


def test_a_path_is_decoded_and_a_query_is_not() -> None:
    head = parse_head("GET /%D0%98/a%2Fb?x=%D0%98+%zz HTTP/1.1\r\nHost: a")

    assert (head.path, head.query) == ("/И/a/b", "x=%D0%98+%zz")


def test_bytes_that_are_not_utf_8_come_as_surrogate_escapes() -> None:
    head = head_of(b"GET /%FF\xfe?q=\xff HTTP/1.1\r\nHost: a\r\nX-Name: \xfd\r\n\r\n")

    assert head.path == "/\udcff\udcfe"
    assert head.query == "q=\udcff"
    assert head.headers["x-name"] == "\udcfd"


@pytest.mark.parametrize(
    ("target", "origin", "path", "query"),
    [
        ("http://sms-vote.ru/a/b?c=d", "http://sms-vote.ru", "/a/b", "c=d"),
        ("HTTPS://api.securating.io:8443", "https://api.securating.io:8443", "/", ""),
        ("http://sms-vote.ru?c=d", "http://sms-vote.ru", "/", "c=d"),
        ("/a?b=http://other/", "http://own:1", "/a", "b=http://other/"),
        ("*", "http://own:1", "*", ""),
    ],
)
def test_an_absolute_target_is_reduced_to_its_path_and_its_host_counts(
    target: str, origin: str, path: str, query: str
) -> None:
    head = parse_head(f"GET {target} HTTP/1.1\r\nHost: own:1")

    assert (head.origin, head.path, head.query) == (origin, path, query)
    assert head.headers["host"] == origin.partition("://")[2]


@pytest.mark.parametrize("head", ["GET / HTTP/1.0", "GET / HTTP/1.1\r\nHost:"])
def test_a_request_that_names_no_host_has_the_address_as_its_origin(head: str) -> None:
    assert parse_head(head, "http://127.0.0.1:8025").origin == "http://127.0.0.1:8025"


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("", 400),
        ("GET", 400),
        ("GET /", 400),
        ("GET / HTTP/1", 400),
        ("GET / HTTP/1.12", 400),
        ("GET / http/1.1", 400),
        ("GET / HTTP/1.1 ", 400),
        (" GET / HTTP/1.1", 400),
        ("G(T / HTTP/1.1", 400),
        ("ПОЛУЧИ / HTTP/1.1", 400),
        ("GET  / HTTP/1.1", 400),
        ("GET a HTTP/1.1", 400),
        ("GET ftp://a/ HTTP/1.1", 400),
        ("GET http:///a HTTP/1.1", 400),
        ("GET http://user@a/ HTTP/1.1", 400),
        ("CONNECT a HTTP/1.1", 400),
        ("CONNECT a:b HTTP/1.1", 400),
        ("CONNECT /a HTTP/1.1", 400),
        ("CONNECT http://a:443 HTTP/1.1", 400),
        ("GET / HTTP/2.0", 505),
        ("PRI * HTTP/2.0", 505),
    ],
)
def test_a_request_line_of_another_shape_is_refused(line: str, status: int) -> None:
    assert refusal_of(f"{line}\r\nHost: a").status == status


# Headers


def test_header_names_are_lower_case_and_repeated_ones_joined() -> None:
    headers = parse_headers(["X-A: 1", "x-b:\t 2 \t", "X-a: 3", "X-Empty:"])

    assert headers == {"x-a": "1, 3", "x-b": "2", "x-empty": ""}


@pytest.mark.parametrize(
    "line",
    [
        "no colon",
        ": no name",
        "A B: 1",
        "A : 1",
        " folded",
        "\tfolded",
        "A\x00B: 1",
        "Имя: 1",
        "A: 1\nB: 2",
        "A: 1\rB: 2",
    ],
)
def test_a_line_that_is_not_a_header_is_refused(line: str) -> None:
    assert refusal_of(f"GET / HTTP/1.1\r\nHost: a\r\n{line}").status == 400


@pytest.mark.parametrize("hosts", [[], ["a", "a"], ["a b"], ["a/b"], ["a@b"], [":80"], ["a:123456"], ["<script>"]])
def test_http_1_1_needs_one_host_that_is_one(hosts: list[str]) -> None:
    assert refusal_of("\r\n".join(["GET / HTTP/1.1", *(f"Host: {host}" for host in hosts)])).status == 400


@pytest.mark.parametrize("host", ["a", "A.b-c_d:8025", "127.0.0.1:1", "[::1]", "[::1]:8080"])
def test_a_host_is_kept_as_it_was_written(host: str) -> None:
    head = parse_head(f"GET / HTTP/1.1\r\nHost: {host}")

    assert (head.headers["host"], head.origin) == (host, f"http://{host}")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (["Content-Length: 5", "Content-Length: 6"], 400),
        (["Content-Length: 5", "Content-Length: 5"], 400),
        (["Content-Length: -5"], 400),
        (["Content-Length: +5"], 400),
        (["Content-Length: 5_0"], 400),
        (["Content-Length: ٥"], 400),
        (["Content-Length:"], 400),
        (["Content-Length: " + "9" * 5000], 400),
        (["Content-Length: 5", "Transfer-Encoding: chunked"], 400),
        (["Transfer-Encoding: gzip"], 501),
        (["Transfer-Encoding: gzip, chunked"], 501),
        (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], 501),
        (["Expect: a miracle"], 417),
    ],
)
def test_a_body_of_doubtful_length_is_refused(fields: list[str], status: int) -> None:
    assert refusal_of("\r\n".join(["POST / HTTP/1.1", "Host: a", *fields])).status == status


def test_chunks_are_refused_from_http_1_0() -> None:
    assert refusal_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked").status == 400


@pytest.mark.parametrize(
    ("version", "wish", "keeps_alive"),
    [
        ("1.1", "", True),
        ("1.1", "Connection: keep-alive", True),
        ("1.1", "Connection: Close", False),
        ("1.1", "Connection: TE, close", False),
        ("1.2", "", True),
        ("1.0", "", False),
        ("1.0", "Connection: Keep-Alive", True),
        ("1.0", "Connection: close", False),
    ],
)
def test_a_connection_lives_on_as_version_and_client_say(version: str, wish: str, keeps_alive: bool) -> None:
    lines = [f"GET / HTTP/{version}", "Host: a", *filter(None, [wish])]

    assert parse_head("\r\n".join(lines)).keeps_alive is keeps_alive


# Sizes, and heads in pieces


@given(st.lists(st.integers(0, len(HEAD)), max_size=20))
def test_a_head_may_come_in_any_pieces(cuts: list[int]) -> None:
    assert head_of(*cut(HEAD, cuts)) == head_of(HEAD)


def test_what_follows_a_head_stays_in_the_buffer() -> None:
    buffer = bytearray(HEAD + b"a=%20GET /next")
    head = read_head(buffer, arriving(buffer, []), "")

    body = read_body(head, buffer, arriving(buffer, []), 1000)

    assert (body, bytes(buffer)) == (b"a=%20", b"GET /next")


@pytest.mark.parametrize(
    ("beginning", "status"),
    [
        (b"GET /" + b"a" * LONGEST_LINE, 414),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * LONGEST_HEAD, 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    ],
)
def test_what_will_never_be_a_head_is_refused_before_it_ends(beginning: bytes, status: int) -> None:
    with pytest.raises(Unreadable) as refused:
        head_of(beginning)
    assert refused.value.status == status


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /" + b"a" * LONGEST_LINE + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * LONGEST_HEAD + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * MOST_HEADERS + b"\r\n", 431),
    ],
)
def test_a_whole_head_has_the_same_bounds(head: bytes, status: int) -> None:
    with pytest.raises(Unreadable) as refused:
        head_of(head)
    assert refused.value.status == status


def test_a_head_may_be_as_large_as_its_bounds() -> None:
    line = b"GET /" + b"a" * (LONGEST_LINE - len("GET / HTTP/1.1")) + b" HTTP/1.1\r\n"

    head = head_of(line + b"Host: a\r\n" + b"X: a\r\n" * (MOST_HEADERS - 1) + b"\r\n")

    assert len(head.path) == LONGEST_LINE - len("GET  HTTP/1.1")


@given(st.binary(max_size=200) | st.text("GET /%?a=:HTP1. \r\n\0é", max_size=200).map(str.encode))
def test_whatever_comes_is_a_head_or_refused_or_not_yet_whole(sent: bytes) -> None:
    try:
        head = head_of(sent, b"\r\n\r\n")
    except (Unreadable, ConnectionAbortedError):
        return
    assert head.path.startswith(("/", "*"))


# Bodies


def test_a_body_is_awaited_to_its_announced_length() -> None:
    buffer = bytearray()

    assert read_body(head_of(HEAD), buffer, arriving(buffer, [b"he", b"ll", b"o!"]), 1000) == b"hello"
    assert buffer == b"!"


def test_a_body_that_ends_early_is_no_request() -> None:
    buffer = bytearray()

    with pytest.raises(ConnectionAbortedError):
        read_body(head_of(HEAD), buffer, arriving(buffer, [b"he"]), 1000)


def test_a_body_beyond_the_bound_is_not_read() -> None:
    with pytest.raises(TooLarge) as refused:
        read_body(head_of(HEAD), bytearray(), arriving(bytearray(), []), 4)
    assert (refused.value.size, refused.value.head.path) == (5, "/invitation/create")


def test_chunks_make_a_body() -> None:
    assert chunks_of(b'3\r\nabc\r\nA ; name="v"\r\n0123456789\r\n0\r\nTrailer: gone\r\n\r\n') == b"abc0123456789"


@given(st.lists(st.integers(0, 40), max_size=20))
def test_chunks_may_come_in_any_pieces(cuts: list[int]) -> None:
    sent = b"3\r\nabc\r\n4;x\r\n\r\n\r\n\r\n0\r\nA: b\r\n\r\n"

    assert chunks_of(*cut(sent, cuts)) == b"abc\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n",
        b"-1\r\n",
        b"+1\r\na\r\n",
        b"0x1\r\na\r\n",
        b"1_0\r\n",
        b" 1\r\na\r\n",
        b"g\r\n",
        b"1\na\n0\n\n" + b"a" * 300,
        b"1" * 300,
        b"FFFFFFFFFFFFFFFF\r\n",
        b"1\r\nab\r\n",
        b"1;\0\r\na\r\n",
        b"0\r\n" + b"a" * (LONGEST_LINE + 3),
    ],
)
def test_chunks_of_another_shape_are_refused(sent: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        chunks_of(sent)
    assert refused.value.status == 400


def test_trailers_without_end_are_refused() -> None:
    with pytest.raises(Unreadable) as refused:
        chunks_of(b"0\r\n" + b"A: b\r\n" * MOST_HEADERS + b"\r\n")
    assert refused.value.status == 431


def test_chunks_beyond_the_bound_are_not_read() -> None:
    with pytest.raises(TooLarge) as refused:
        chunks_of(b"3\r\nabc\r\n3\r\n", most=5)
    assert refused.value.size == 6


# Answers


def test_an_answer_has_its_length_and_nothing_from_a_clock() -> None:
    reply = Reply(200, "Иван".encode(), headers=(("X-A", "b"),))

    head, _, body = write_reply(reply, keeps_alive=True).partition(b"\r\n\r\n")

    assert head.split(b"\r\n") == [
        b"HTTP/1.1 200 OK",
        b"Connection: keep-alive",
        b"Content-Type: text/plain; charset=utf-8",
        b"X-A: b",
        b"Content-Length: 8",
    ]
    assert body == "Иван".encode()


def test_an_answer_to_head_is_without_body_but_with_its_length() -> None:
    written = write_reply(Reply(200, b"body"), "HEAD", keeps_alive=True)

    assert b"Content-Length: 4\r\n" in written
    assert written.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_can_have_no_body_has_none(status: int) -> None:
    written = write_reply(Reply(status, b"body"), keeps_alive=True)

    assert b"Content-Length" not in written
    assert written.endswith(b"\r\n\r\n")


def test_a_status_nobody_has_named_is_written_all_the_same() -> None:
    assert write_reply(Reply(599, b""), keeps_alive=False).startswith(b"HTTP/1.1 599 \r\nConnection: close\r\n")


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "a\rb"])
def test_a_line_break_cannot_be_smuggled_into_an_answer(value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        write_reply(Reply(302, b"", headers=(("Location", value),)), keeps_alive=True)


def test_a_header_goes_out_in_the_bytes_it_came_in() -> None:
    value = head_of(b"GET / HTTP/1.1\r\nHost: a\r\nX: \xd0\x98\xff\r\n\r\n").headers["x"]

    assert b"X: \xd0\x98\xff\r\n" in write_reply(Reply(200, b"", headers=(("X", value),)), keeps_alive=True)

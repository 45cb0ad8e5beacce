"""Forms in parts, as PHP's curl sends an array of fields."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP


def read_multipart(content_type: str, body: bytes) -> dict[str, str]:
    """Read the fields of a `multipart/form-data` body; the last of a name wins, files are read as their text.

    Raises `ValueError` for what is no such body, or not UTF-8.
    """
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise ValueError("no multipart/form-data body, parts between its boundaries expected")
    fields = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not (isinstance(name, str) and isinstance(content, bytes)):
            raise ValueError("a part of the multipart/form-data body has no name")  # noqa: TRY004 - a value, to its reader
        try:
            fields[name] = content.decode()
        except UnicodeDecodeError:
            raise ValueError(f"{name[:80]!r} is not UTF-8") from None
    return fields

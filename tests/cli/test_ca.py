from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockserver.cli import main
from mockserver.web.authority import ca_pem_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["ca", *words])


def test_the_certificate_is_printed_as_it_is_kept() -> None:
    assert run().output == ca_pem_path().read_text()


def test_the_path_is_printed_alone() -> None:
    assert run("--path").output == f"{ca_pem_path()}\n"


def test_the_certificate_is_saved_and_its_key_is_not(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"

    result = run("--save", str(file))

    assert (result.exit_code, result.output) == (0, "")
    assert file.read_text() == ca_pem_path().read_text()
    assert "PRIVATE" not in file.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--save", "/no/such/folder/ca.pem"], "Error: --save /no/such/folder/ca.pem: No such file or directory\n"),
        (["--save", "ca.pem", "--path"], "one of --path and --save expected"),
    ],
)
def test_a_mistake_says_what_it_is(words: list[str], said: str) -> None:
    result = run(*words)

    assert result.exit_code != 0
    assert said in result.output

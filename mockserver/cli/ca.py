"""`mockserver ca`: what clients of the double trust."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from mockserver.web.authority import ca_pem_path


@click.command()
@click.option("--path", "is_path", is_flag=True, help="Print where the certificate is, not the certificate.")
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it there.")
def ca(save: Path | None, *, is_path: bool) -> None:
    """Print the certificate of the authority that clients of the double trust for https (PEM).

    It is this user's own, made at first use, and can vouch for the two services and this machine only: trusting it
    endangers no other connection. Its private key never leaves the folder where it is kept.
    """
    if save and is_path:
        raise click.UsageError("one of --path and --save expected")
    kept = ca_pem_path()
    if save is None:
        click.echo(kept if is_path else kept.read_text(encoding="ascii"), nl=is_path)
        return
    try:
        shutil.copyfile(kept, save)
    except OSError as error:
        raise click.ClickException(f"--save {save}: {error.strerror}") from None

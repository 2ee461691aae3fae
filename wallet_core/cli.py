"""``wallet``: what operators do on the server's own command line."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from wallet_core.adapters.chains import multi_send
from wallet_core.adapters.mongo import migrations
from wallet_core.admin_commands import admin, approvals
from wallet_core.bootstrap import chains_to_verify, hot_address, open_database
from wallet_core.command_line import Json, err, out, print_result, run, with_ports
from wallet_core.diagnosis import Check, diagnose
from wallet_core.domain.ledger import Receipt
from wallet_core.domain.money import Asset
from wallet_core.domain.network import Network
from wallet_core.domain.seal import Head
from wallet_core.domain.statement_csv import as_csv
from wallet_core.keys import new_keys, public_half
from wallet_core.ports import Ports
from wallet_core.settings import Settings, settings_table
from wallet_core.use_cases.export_statement import export_statement
from wallet_core.use_cases.findings import Findings
from wallet_core.use_cases.fund_hot_wallet import fund_hot_wallet
from wallet_core.use_cases.note_verification import note_verification
from wallet_core.use_cases.overview import overview
from wallet_core.use_cases.show_head import show_head
from wallet_core.use_cases.verify_books import verify_books

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="The operators' side of ITD Wallet.",
)
keys = typer.Typer(no_args_is_help=True, help="Key files.")
app.add_typer(keys, name="keys")
app.add_typer(admin, name="admin")
app.add_typer(approvals, name="approvals")

_RECORDS_PER_DRAWING: Final = 1_000
_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


@keys.command("new")
def keys_new(folder: Annotated[Path, typer.Argument(help="A new folder for the keys.")], json_: Json = False) -> None:
    """Make all keys of a wallet, sorted by the process that gets them."""
    settings = Settings()
    made = new_keys(folder, settings.seed_passphrase, _coin_networks(settings))
    print_result(made, json_, lambda: [f"{path}: {purpose}" for path, purpose in made.items()])


@keys.command("public")
def keys_public(
    seed_file: Annotated[Path, typer.Argument(help="The worker's seed.json.", exists=True, dir_okay=False)],
) -> None:
    """Print public.json made anew from the seed: for another network, or where it is older than BTC and LTC."""

    async def work() -> dict[str, Any]:
        settings = Settings()
        return public_half(seed_file, settings.seed_passphrase, _coin_networks(settings))

    typer.echo(json.dumps(run(work()), indent=1))


def _coin_networks(settings: Settings) -> list[Network]:
    return [settings.network(asset) for asset in (Asset.BTC, Asset.LTC)]


@app.command()
def migrate(json_: Json = False) -> None:
    """Bring the database's collections, validators and indexes up to date."""

    async def work() -> list[int]:
        async with open_database(Settings()) as database:
            return await migrations.migrate(database)

    ran = run(work())
    print_result({"ran": ran}, json_, lambda: [f"migrations run: {', '.join(map(str, ran)) or 'none were needed'}"])


@app.command("fund-hot-wallet")
def fund(
    asset: Asset,
    amount: Annotated[str, typer.Argument(help="Whole coins, such as 12.5.")],
    txid: Annotated[str, typer.Option(help="The transaction that brought them; booked once.")],
    from_cold: Annotated[
        str | None,
        typer.Option(help="They come from the cold wallet; what the network took of it on top, such as 0.0001 or 0."),
    ] = None,
    json_: Json = False,
) -> None:
    """Book coins that the house put into a hot wallet, or brought back from the cold one."""

    async def book(ports: Ports) -> Receipt:
        return await fund_hot_wallet(ports, asset, amount, txid, cold_fee_text=from_cold)

    receipt = run(with_ports(book))
    booked = {"key": receipt.key, "booked_before": receipt.replayed}
    again = "was booked before" if receipt.replayed else "is booked"
    print_result(booked, json_, lambda: [f"{amount} {asset} {again}"])


@app.command("contract")
def contract_(json_: Json = False) -> None:
    """Print what deploys the contract that pays many in ether at once, for this wallet. Anybody may send it."""
    settings = Settings()
    owner = run(hot_address(settings, Asset.ETH))
    figures = {
        "owner": owner,
        "chain_id": settings.eth_chain_id,
        "compiler": f"solc {multi_send.artifact()['compiler']}",
        "runtime_sha256": hashlib.sha256(multi_send.runtime_code(owner)).hexdigest(),
        "data": "0x" + multi_send.creation_code(owner).hex(),
    }
    print_result(figures, json_, lambda: [f"{part}: {figures[part]}" for part in figures])


@app.command("overview")
def overview_(json_: Json = False) -> None:
    """Payouts, invoices and the platform's accounts at a glance."""
    figures = run(with_ports(overview))
    print_result(figures, json_, lambda: [f"{part}: {figures[part]}" for part in figures])


@app.command()
def statement(
    person: Annotated[int, typer.Argument(help="The numeric Telegram id.")],
    start: Annotated[datetime, typer.Option("--from", formats=_TIMES, help="The first moment of the range, in UTC.")],
    end: Annotated[datetime, typer.Option("--to", formats=_TIMES, help="The first moment after it, in UTC.")],
    json_: Json = False,
) -> None:
    """Print a person's statement as CSV: balances before and after a range, and every movement in it."""
    first, after = start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)
    made = run(with_ports(lambda ports: export_statement(ports, person, first, after)))
    if json_:
        print_result(asdict(made), json_, list)
    else:
        typer.echo(as_csv(made), nl=False)


@app.command("head")
def head_(json_: Json = False) -> None:
    """Print the last seal of the journal. By it `wallet verify --head` can prove later that nothing was cut off."""
    head: Head = run(with_ports(show_head))
    figures = head.model_dump(mode="json")
    print_result(figures, json_, lambda: [f"{part}: {figures[part]}" for part in figures])


@app.command()
def verify(
    head: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="From `wallet head --json`, or a worker's seal.head.json."),
    ] = None,
    json_: Json = False,
) -> None:
    """Recompute the books and compare them with seals, balances, promises and chains. Exit 1 on any gap."""
    given = _head_in(head) if head else None
    columns = (SpinnerColumn(), TextColumn("records of the journal"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, disable=json_) as progress:
        task = progress.add_task("", total=None)

        def show(records: int) -> None:
            # Drawing takes longer than checking a record.
            if records % _RECORDS_PER_DRAWING == 0:
                progress.update(task, completed=records)

        async def work(ports: Ports) -> Findings:
            async with chains_to_verify(ports.settings) as chains:
                looked = await verify_books(
                    ports, chains, show, total=lambda n: progress.update(task, total=n), given=given
                )
            await note_verification(ports, looked)
            return looked

        found: Findings = run(with_ports(work))
        progress.update(task, completed=found.records)
    print_result(found.as_dict(), json_, lambda: _said_of(found))
    if found.gaps:
        raise typer.Exit(1)


def _head_in(file: Path) -> Head:
    try:
        return Head.model_validate_json(file.read_bytes())
    except ValueError as error:
        raise typer.BadParameter(f"{file} is not the head of a chain of seals") from error


def _said_of(found: Findings) -> list[str]:
    compared = f"{found.records} records, {found.accounts} accounts, chains: {', '.join(found.chains) or 'none'}"
    waiting = f"{found.tail} wait for it, the oldest for {found.tail_seconds:.0f} s" if found.tail else "none waits"
    chained = f"{found.sealed} records have their seal, {waiting}; seals: {found.head.length}"
    return [compared, chained, *found.gaps, "GAPS FOUND" if found.gaps else "the books are right"]


@app.command()
def doctor(json_: Json = False) -> None:
    """Check every part of the installation and say how to mend it. Exit 1 on a fault."""
    checks = run(diagnose(Settings()))
    if json_:
        out.print_json(json.dumps([check.as_dict() for check in checks]))
    else:
        out.print(_table(checks))
    if any(check.fault for check in checks):
        raise typer.Exit(1)


@app.command("settings")
def settings_() -> None:
    """Print every setting with its default and its meaning, as Markdown."""
    out.print(settings_table(), markup=False, highlight=False)


def _table(checks: list[Check]) -> Table:
    table = Table("what", "state", "how to mend it", box=None, pad_edge=False)
    for check in checks:
        table.add_row(check.what, check.state, check.mend)
    return table


if __name__ == "__main__":
    sys.exit(app())

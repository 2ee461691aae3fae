"""The wallet's own commands, run as an operator would run them: the sandbox has no other way into the books."""

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bot.sandbox.leash import leashed
from bot.sandbox.world import HookError

Json = dict[str, Any]
TIMEOUT_SECONDS = 120.0
#: The books are read anew no more often than this, and never for more than a sixth of the time.
OVERVIEW_SECONDS = 2.0
OVERVIEW_SHARE = 6
ROLES = ("support", "finance", "owner")


class WalletCommandError(RuntimeError):
    """A command ended with an error; the message is what it wrote."""


class WalletCommands:
    """Runs `wallet …` with one environment."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = dict(env)

    async def run(self, *arguments: str) -> str:
        """What the command printed; raises `WalletCommandError`."""
        process = await asyncio.create_subprocess_exec(
            *leashed([sys.executable, "-m", "wallet_core.cli", *arguments]),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._env,
            start_new_session=True,
        )
        try:
            out, err = await asyncio.wait_for(process.communicate(), TIMEOUT_SECONDS)
        except TimeoutError:
            raise WalletCommandError(f"wallet {' '.join(arguments)}: no end after {TIMEOUT_SECONDS:g} s") from None
        finally:
            await _ended(process)
        if process.returncode != 0:
            said = (err or out).decode(errors="replace").strip()[-600:]
            raise WalletCommandError(f"wallet {' '.join(arguments)}: {said or f'exit code {process.returncode}'}")
        return out.decode()

    async def json(self, *arguments: str) -> Any:
        """What the command answers a program; raises `WalletCommandError`."""
        printed = await self.run(*arguments, "--json")
        try:
            return json.loads(printed)
        except ValueError:
            raise WalletCommandError(f"wallet {' '.join(arguments)}: {printed.strip()[-300:]}") from None


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


class WalletAdmins:
    """Makes people of the chat page admins."""

    def __init__(self, wallet: WalletCommands) -> None:
        self._wallet = wallet

    async def make_admin(self, user: int, role: str) -> Json:
        """Gives a person a role: "support", "finance" or "owner". Raises `HookError`."""
        if role not in ROLES:
            raise HookError(f"there is no role {role}; there are {', '.join(ROLES)}")
        try:
            answer = await self._wallet.json("admin", "add", str(user), "--role", role, "--break-glass", "sandbox")
        except WalletCommandError as error:
            raise HookError(str(error), 502) from error
        return answer if isinstance(answer, dict) else {"user": user, "role": role}


class WalletOverview:
    """The books and the queue for the page, read at a pace that leaves the machine to the others."""

    def __init__(self, wallet: WalletCommands) -> None:
        self._wallet = wallet
        self._alone = asyncio.Lock()
        self._known: Json = {}
        self._good_until = 0.0

    async def totals(self) -> Json:
        """What `wallet overview` says, a few seconds old at most; raises `HookError` while it cannot be read."""
        async with self._alone:
            if time.monotonic() >= self._good_until:
                await self._read()
        return self._known

    async def _read(self) -> None:
        started = time.monotonic()
        try:
            self._known = await self._wallet.json("overview")
        except WalletCommandError as error:
            raise HookError(str(error), 502) from error
        finally:
            taken = time.monotonic() - started
            self._good_until = time.monotonic() + max(OVERVIEW_SECONDS, taken * (OVERVIEW_SHARE - 1))

"""The world outside the chat, each part only when it is there: chains, prices, cards, processes, books."""

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from bot.sandbox.control.authenticator import running_code
from bot.sandbox.control.requests import ControlError, answering, body_of, field, optional
from bot.sandbox.world import Admins, Cards, Chains, Overview, Processes, Ticker, World

Json = dict[str, Any]
BLOCKS_LIMIT = 1_000
ACTIONS = frozenset({"SIGTERM", "SIGINT", "SIGUSR2", "SIGKILL", "start"})


def routes(world: World) -> list[Route]:
    """The routes of the parts that this world has, and `/sim/world` which names them."""

    async def parts(request: Request) -> list[str]:
        return [name for name, part in vars(world).items() if part]

    async def authenticator(request: Request) -> Json:
        return running_code(request.query_params.get("uri", ""))

    return [
        Route("/sim/world", answering(parts), methods=["GET"]),
        Route("/sim/authenticator", answering(authenticator), methods=["GET"]),
        *(_chains(world.chains) if world.chains else []),
        *(_ticker(world.ticker) if world.ticker else []),
        *(_processes(world.processes) if world.processes else []),
        *(_admins(world.admins) if world.admins else []),
        *(_cards(world.cards) if world.cards else []),
        *(_overview(world.overview) if world.overview else []),
    ]


def _chains(chains: Chains) -> list[Route]:
    async def state(request: Request) -> list[Json]:
        return await chains.state()

    async def mine(request: Request) -> Json:
        blocks = optional(await body_of(request), "blocks", int)
        return await chains.mine(_chain(request), _bounded("blocks", 1 if blocks is None else blocks))

    async def send(request: Request) -> Json:
        body = await body_of(request)
        address, amount = field(body, "address", str), field(body, "amount", str)
        return await chains.send(_chain(request), address.strip(), amount.strip())

    async def reorg(request: Request) -> Json:
        depth = field(await body_of(request), "depth", int)
        return await chains.reorg(_chain(request), _bounded("depth", depth))

    async def received(request: Request) -> Json:
        return await chains.received(_chain(request), request.path_params["address"])

    return [
        Route("/sim/chains", answering(state), methods=["GET"]),
        Route("/sim/chains/{chain}/mine", answering(mine), methods=["POST"]),
        Route("/sim/chains/{chain}/send", answering(send), methods=["POST"]),
        Route("/sim/chains/{chain}/reorg", answering(reorg), methods=["POST"]),
        Route("/sim/chains/{chain}/received/{address}", answering(received), methods=["GET"]),
    ]


def _chain(request: Request) -> str:
    return str(request.path_params["chain"]).lower()


def _bounded(name: str, value: int) -> int:
    if not 1 <= value <= BLOCKS_LIMIT:
        raise ControlError(f'"{name}" must be from 1 to {BLOCKS_LIMIT}')
    return value


def _ticker(ticker: Ticker) -> list[Route]:
    async def prices(request: Request) -> list[Json]:
        return await ticker.prices()

    async def set_price(request: Request) -> Json:
        body = await body_of(request)
        asset, price = field(body, "asset", str).upper(), field(body, "price", str).strip()
        return await ticker.set_price(asset, price, optional(body, "source", str))

    async def sources(request: Request) -> list[Json]:
        return await ticker.sources()

    async def set_source(request: Request) -> Json:
        body = await body_of(request)
        age, off = optional(body, "age", int), optional(body, "off", bool)
        return await ticker.set_source(request.path_params["source"], age, off)

    return [
        Route("/sim/ticker", answering(prices), methods=["GET"]),
        Route("/sim/ticker", answering(set_price), methods=["POST"]),
        Route("/sim/ticker/sources", answering(sources), methods=["GET"]),
        Route("/sim/ticker/sources/{source}", answering(set_source), methods=["POST"]),
    ]


def _processes(processes: Processes) -> list[Route]:
    async def state(request: Request) -> list[Json]:
        return await processes.state()

    async def act(request: Request) -> Json:
        action = request.path_params["action"]
        if action not in ACTIONS:
            raise ControlError(f"a process takes {', '.join(sorted(ACTIONS))}", 404)
        return await processes.act(request.path_params["name"], action)

    return [
        Route("/sim/processes", answering(state), methods=["GET"]),
        Route("/sim/processes/{name}/{action}", answering(act), methods=["POST"]),
    ]


def _admins(admins: Admins) -> list[Route]:
    async def make_admin(request: Request) -> Json:
        body = await body_of(request)
        return await admins.make_admin(field(body, "user", int), optional(body, "role", str) or "owner")

    return [Route("/sim/admins", answering(make_admin), methods=["POST"])]


def _cards(cards: Cards) -> list[Route]:
    async def sessions(request: Request) -> list[Json]:
        return await cards.sessions()

    async def act(request: Request) -> Json:
        return await cards.act(request.path_params["session"], request.path_params["action"], await body_of(request))

    return [
        Route("/sim/stripe/sessions", answering(sessions), methods=["GET"]),
        Route("/sim/stripe/sessions/{session}/{action}", answering(act), methods=["POST"]),
    ]


def _overview(overview: Overview) -> list[Route]:
    async def totals(request: Request) -> Json:
        return await overview.totals()

    return [Route("/sim/overview", answering(totals), methods=["GET"])]

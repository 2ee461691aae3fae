"""The HTTP side: ``/stripe/v1/...`` as https://docs.stripe.com/api says, in the version of stripe-python."""

import functools
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.stripe import idempotency
from bot.sandbox.stripe.calls import Call
from bot.sandbox.stripe.errors import ApiError, invalid
from bot.sandbox.stripe.events import API_VERSION
from bot.sandbox.stripe.expansion import expanded, require_expandable
from bot.sandbox.stripe.expiry import expire_due
from bot.sandbox.stripe.faults import suffer
from bot.sandbox.stripe.forms import decoded
from bot.sandbox.stripe.operations import OPERATIONS, Operation
from bot.sandbox.stripe.state import Json, new_id
from bot.sandbox.stripe.validation import checked

if TYPE_CHECKING:
    from bot.sandbox.stripe.company import CardCompany

#: Where the stand-in stands on the sandbox's server; the base address for stripe-python ends with it.
MOUNT = "/stripe"
FORM = "application/x-www-form-urlencoded"
PAIRS_LIMIT = 1000
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """One request as it came: its operation, parameters, idempotency key and own id."""

    operation: Operation
    path: str
    key: str
    pairs: Pairs
    idempotency_key: str | None
    request_id: str
    web: str


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)


def routes(company: "CardCompany") -> list[Route]:
    """The operations, and a 404 in Stripe's form for all else below ``/v1``."""

    async def unknown(request: Request) -> Response:
        path = request.url.path.removeprefix(MOUNT)
        error = ApiError(404, f"Unrecognized request URL ({request.method}: {path}). This is the sandbox, not Stripe.")
        return JSONResponse(error.envelope(), status_code=error.status)

    known = [
        Route(f"{MOUNT}{one.path}", functools.partial(_answer, company, one), methods=[one.method])
        for one in OPERATIONS
    ]
    return [*known, Route(f"{MOUNT}/v1/{{rest:path}}", unknown, methods=["GET", "POST", "DELETE"])]


async def _answer(company: "CardCompany", operation: Operation, request: Request) -> Response:
    request_id = new_id("req_", 14)
    try:
        _authorize(company, request)
        asked = await _read(operation, request, request_id)
        fault = company.faults.take(f"{operation.method} {asked.path}")
        await suffer(fault, applied=False)
        answer = _done(company, asked)
        await suffer(fault, applied=True)
    except ApiError as error:
        answer = Answer(error.status, error.envelope())
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION, **answer.headers}
    return JSONResponse(answer.body, status_code=answer.status, headers=headers)


def _authorize(company: "CardCompany", request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise ApiError(401, "You did not provide an API key. Give it in the header 'Authorization: Bearer YOUR_KEY'.")
    if not hmac.compare_digest(key.encode(), company.api_key.encode()):
        raise ApiError(401, f"Invalid API Key provided: {key[:8]}***. This is the sandbox, which takes its own alone.")
    version = request.headers.get("stripe-version", API_VERSION)
    if version != API_VERSION:
        raise invalid(f"The sandbox's stand-in speaks version {API_VERSION} alone, not {version[:40]}.")


async def _read(operation: Operation, request: Request, request_id: str) -> Asked:
    return Asked(
        operation=operation,
        path=request.url.path.removeprefix(MOUNT),
        key=request.path_params.get("key", ""),
        pairs=await _pairs(request),
        idempotency_key=request.headers.get("idempotency-key") if request.method == "POST" else None,
        request_id=request_id,
        web=f"{request.url.scheme}://{request.url.netloc}{MOUNT}",
    )


async def _pairs(request: Request) -> Pairs:
    if request.method == "GET":
        return request.query_params.multi_items()
    body = await request.body()
    if body and request.headers.get("content-type", "").split(";")[0].strip() != FORM:
        raise invalid(f"Parameters are sent as {FORM}.")
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=PAIRS_LIMIT, errors="strict")
    except ValueError:
        raise invalid("The body is no form, or has too many fields.") from None


def _done(company: "CardCompany", asked: Asked) -> Answer:
    """All of it without a pause, so that two requests with one key cannot both be the first."""
    state, key = company.state, asked.idempotency_key
    expire_due(state)
    if key and (kept := idempotency.kept(state, key, asked.path, asked.pairs)):
        state.commit()
        replayed = {"Idempotency-Key": key, "Idempotent-Replayed": "true", "Original-Request": kept["request_id"]}
        return Answer(kept["status"], kept["body"], replayed)
    params = checked(asked.operation.params, decoded(asked.pairs))
    paths = params.get("expand", [])
    require_expandable(paths, asked.operation.gives, many=asked.operation.many)
    call = Call(state, asked.path, asked.key, params, asked.web)
    answer = _performed(asked, call, paths)
    if key:
        facts = {"status": answer.status, "body": answer.body, "request_id": asked.request_id}
        idempotency.keep(state, key, asked.path, asked.pairs, facts)
    state.commit()
    return answer


def _performed(asked: Asked, call: Call, paths: list[str]) -> Answer:
    headers = {"Idempotency-Key": asked.idempotency_key} if asked.idempotency_key else {}
    with call.state.caused_by(asked.request_id, asked.idempotency_key):
        try:
            return Answer(200, expanded(call.state, asked.operation.perform(call), paths), headers)
        except ApiError as error:
            return Answer(error.status, error.envelope(), headers)

"""What a person sees where Stripe has its card form: three buttons, and no field for a card's number."""

from html import escape
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox.stripe import sessions
from bot.sandbox.stripe.server import MOUNT
from bot.sandbox.stripe.state import Json
from bot.sandbox.world import HookError

if TYPE_CHECKING:
    from bot.sandbox.stripe.company import CardCompany

BUTTONS: Final = {
    "pay": ("Pay", "The card pays at once."),
    "pay-later": ("Pay later (async)", "A bank is asked; it answers when you say so in the panel “Card world”."),
    "decline": ("Decline", "The card is refused; you may try again."),
}
ENDINGS: Final = {
    "expired": "This payment page has expired. Nothing was paid.",
    "waiting": "Thank you. The bank was asked for the money and has not answered yet.",
    "failed": "The bank did not pay.",
}
PAID: Final = "Thank you, this is paid, with play money."
DECLINED: Final = "The card was declined. Nothing was paid, you can try again."
#: As strict as the chat page: nothing from elsewhere, nothing inside a frame, and no script at all.
SECURITY: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}
PAGE: Final = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>Card page of the sandbox (not Stripe)</title>
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/css/app.css">
  <link rel="stylesheet" href="/css/cardpage.css">
</head>
<body class="card-page">
  <p class="banner" role="note" data-testid="banner">This is not Stripe: a stand-in, play money, no real card</p>
  <main class="checkout">
    <h1>{name}</h1>
    <p class="amount" data-testid="amount">{amount} USD</p>
    {body}
    <p class="hint-line">No card is asked for here, and none may be entered anywhere in the sandbox.</p>
    <p class="mono">{key}</p>
  </main>
</body>
</html>
"""


def routes(company: "CardCompany") -> list[Route]:
    """``GET`` shows a session's page, ``POST`` is one of its buttons."""

    async def show(request: Request) -> Response:
        return _page(company, request)

    async def press(request: Request) -> Response:
        return await _pressed(company, request)

    return [
        Route(f"{MOUNT}/pay/{{key}}", show, methods=["GET"]),
        Route(f"{MOUNT}/pay/{{key}}/{{action}}", press, methods=["POST"]),
    ]


def _page(company: "CardCompany", request: Request) -> Response:
    key = request.path_params["key"]
    standing = company.standing(key)
    if standing is None:
        return HTMLResponse("There is no such payment page.", status_code=404, headers=SECURITY)
    session = company.state.get(sessions.TABLE, key)
    items = company.state.get(sessions.DETAILS_TABLE, key)["line_items"]
    amount, text = session["amount_total"], _choice(session, standing)
    name = escape(", ".join(item["description"] for item in items))
    page = PAGE.format(name=name, amount=f"{amount // 100}.{amount % 100:02}", body=text, key=escape(key))
    return HTMLResponse(page, headers=SECURITY)


async def _pressed(company: "CardCompany", request: Request) -> Response:
    key, action = request.path_params["key"], request.path_params["action"]
    if action in BUTTONS:
        try:
            await company.act(key, action, {})
        except HookError as error:
            if error.status == 404:
                return HTMLResponse(escape(str(error)), status_code=404, headers=SECURITY)
    # What became of it is shown by the page itself, also when somebody else was faster.
    return RedirectResponse(f"{MOUNT}/pay/{key}", status_code=303)


def _choice(session: Json, standing: Json) -> str:
    if session["status"] != "open":
        text = ENDINGS.get(standing["state"], PAID)
        return f'<p class="ending" role="status" data-testid="ending">{text}</p>{_way_back(session, "success_url")}'
    declined = f'<p class="problem" role="alert" data-testid="problem">{DECLINED}</p>'
    buttons = "".join(_button(session, action) for action in BUTTONS if action in standing["actions"])
    return f"{declined if standing['state'] == 'declined' else ''}{buttons}{_way_back(session, 'cancel_url')}"


def _button(session: Json, action: str) -> str:
    label, hint = BUTTONS[action]
    kind = ' class="primary"' if action == "pay" else ""
    return (
        f'<form method="post" action="{MOUNT}/pay/{escape(session["id"])}/{action}">'
        f'<button{kind} data-testid="{action}">{label}</button> <span class="hint-line">{hint}</span></form>'
    )


def _way_back(session: Json, name: str) -> str:
    url = session[name]
    if not url:
        return ""
    # https://docs.stripe.com/payments/checkout/custom-success-page: the template that is replaced in the address.
    url = url.replace("{CHECKOUT_SESSION_ID}", session["id"])
    return f'<p><a href="{escape(url)}" rel="noreferrer" data-testid="back">Back to the shop</a></p>'

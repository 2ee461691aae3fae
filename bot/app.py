"""Everything that the bot can do, in one list, and the application that serves it."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from telegram import Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChosenInlineResultHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.access_routes import ACCESS_ROUTES
from bot.actions import Action, Question
from bot.chats import Chats
from bot.desk_routes import DESK_ROUTES
from bot.dispatch import Dispatcher
from bot.errors import alarm
from bot.handlers import (
    balance,
    buy,
    history,
    home,
    kyc,
    payment,
    refund,
    settings,
    start,
    withdraw,
    withdrawals,
)
from bot.handlers.admin import (
    approvals,
    audit,
    card_refunds,
    cases,
    desk,
    kyc_review,
    levels,
    mass_send,
    policies,
    review,
    roles,
    screening,
    users,
)
from bot.outbox import Outbox
from bot.routes import ANYTHING, DOCUMENT, PICTURE, STRAY_CODE, Kind, Route, Table
from bot.routes import answer as _answer
from bot.routes import code as _code
from bot.routes import command as _command
from bot.routes import does as _does
from bot.routes import shows as _shows
from bot.sending_routes import SENDING_ROUTES
from bot.updates import PARALLEL, PersonUpdateProcessor
from wallet_core.domain.errors import Reason
from wallet_core.domain.people import Access
from wallet_core.ports import Ports

AnyApplication = Application[Any, Any, Any, Any, Any, Any]

#: What is asked of Telegram. Edited messages are not: what was done cannot be edited.
ALLOWED_UPDATES: Final = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY, Update.CHOSEN_INLINE_RESULT]
_REQUEST_SECONDS: Final = 8.0

_AMOUNT: Final = frozenset({Reason.BAD_AMOUNT, Reason.BELOW_MINIMUM, Reason.INSUFFICIENT_FUNDS, Reason.LIMIT_AMOUNT})
_ADDRESS: Final = frozenset({Reason.BAD_ADDRESS, Reason.BAD_CHECKSUM, Reason.ZERO_ADDRESS, Reason.OWN_ADDRESS})
_PAPERS: Final = frozenset(
    {Reason.FOREIGN_CONTACT, Reason.BAD_DOCUMENT, Reason.DOCUMENT_TOO_LARGE, Reason.CHANGED_MEANWHILE}
)
_WHY: Final = frozenset({Reason.BAD_REASON})
#: The first code is waited for until the pairing is done.
_UNTIL_ENROLLED: Final = frozenset(Reason) - {Reason.ALREADY_ENROLLED}


ROUTES: Final[tuple[Route, ...]] = (
    _command("start", start.start, Access.ANYONE),
    _code(Question.ENROL_CODE, start.first_code, Access.ANYONE, mends=_UNTIL_ENROLLED),
    _shows(Action.HOME, home.home),
    _command("help", home.help_card),
    _shows(Action.HELP, home.help_card),
    _shows(Action.QUESTION_CANCEL, home.cancel_question),
    Route(Kind.MESSAGE, STRAY_CODE, home.stray_code),
    Route(Kind.MESSAGE, ANYTHING, home.not_understood),
    _command("balance", balance.balance),
    _shows(Action.BALANCE, balance.balance),
    _shows(Action.BALANCE_CHART, balance.chart),
    _command("history", history.history),
    _shows(Action.HISTORY, history.history),
    _shows(Action.RECORD, history.record),
    _command("statement", history.statement_file),
    _shows(Action.STATEMENT, history.statement_file),
    _command("limits", balance.limits),
    _shows(Action.LIMITS, balance.limits),
    _command("kyc", kyc.levels),
    _shows(Action.KYC, kyc.levels),
    _shows(Action.KYC_APPLY, kyc.apply),
    Route(Kind.ANSWER, Question.KYC_PART, kyc.part, mends=_PAPERS, takes_contact=True, takes_file=True),
    _does(Action.KYC_FINISH, kyc.finish),
    _does(Action.KYC_ANEW, kyc.anew),
    _does(Action.KYC_HAND_IN, kyc.hand_in),
    _shows(Action.KYC_GIVE_UP, kyc.give_up),
    _does(Action.KYC_CANCEL, kyc.cancel),
    Route(Kind.MESSAGE, PICTURE, kyc.part),
    *SENDING_ROUTES,
    _command("zone", settings.zone),
    _command("buy", buy.buy),
    _shows(Action.BUY, buy.buy),
    _shows(Action.BUY_ASSET, buy.asset),
    _answer(Question.BUY_AMOUNT, buy.amount, _AMOUNT),
    _does(Action.BUY_CONFIRM, buy.confirm),
    _does(Action.BUY_CANCEL, buy.cancel),
    _command("payment", payment.payment),
    _shows(Action.PAYMENT, payment.look_again),
    _answer(Question.PAYMENT_ID, payment.look_up, frozenset({Reason.BAD_TXID})),
    _shows(Action.REFUND, refund.ask_address),
    _answer(Question.REFUND_ADDRESS, refund.address, _ADDRESS),
    _does(Action.REFUND_CONFIRM, refund.confirm),
    _does(Action.REFUND_CANCEL, refund.cancel),
    _code(Question.REFUND_CODE, refund.code),
    _command("withdraw", withdraw.withdraw),
    _shows(Action.WITHDRAW, withdraw.withdraw),
    _shows(Action.WITHDRAW_ASSET, withdraw.asset),
    _answer(Question.WITHDRAW_AMOUNT, withdraw.amount, _AMOUNT),
    _answer(Question.WITHDRAW_ADDRESS, withdraw.address, _ADDRESS),
    _does(Action.WITHDRAW_CONFIRM, withdraw.confirm),
    _does(Action.WITHDRAW_CANCEL, withdraw.cancel),
    _code(Question.WITHDRAW_CODE, withdraw.code),
    _command("withdrawals", withdrawals.withdrawals),
    _shows(Action.WITHDRAWALS, withdrawals.withdrawals),
    _shows(Action.WITHDRAWAL, withdrawals.one),
    _shows(Action.WITHDRAWAL_REFRESH, withdrawals.refresh),
    _does(Action.WITHDRAWAL_STOP, withdraw.stop),
    _command("settings", settings.settings),
    _shows(Action.SETTINGS, settings.settings),
    _shows(Action.LANGUAGE, settings.language),
    _command("admin", desk.desk, Access.SUPPORT),
    _shows(Action.DESK, desk.desk, Access.SUPPORT),
    _shows(Action.QUEUE, desk.queue, Access.SUPPORT),
    _shows(Action.BATCHES, desk.batches, Access.SUPPORT),
    *DESK_ROUTES,
    _command("user", users.look_up, Access.SUPPORT),
    _shows(Action.USER, users.look_up_again, Access.SUPPORT),
    _shows(Action.USER_TIMELINE, users.timeline, Access.SUPPORT),
    _command("audit", audit.audit_command, Access.OWNER),
    _shows(Action.AUDIT, audit.audit, Access.OWNER),
    _command("reviews", review.reviews, Access.SUPPORT),
    _shows(Action.REVIEWS, review.reviews, Access.SUPPORT),
    _does(Action.REVIEW_APPROVE, review.approve, Access.FINANCE),
    _does(Action.REVIEW_REFUSE, review.refuse, Access.FINANCE),
    Route(Kind.ANSWER, Question.REVIEW_WHY, review.why, Access.FINANCE),
    _code(Question.REVIEW_CODE, review.code, Access.FINANCE),
    _shows(Action.CASES, cases.cases, Access.SUPPORT),
    _shows(Action.CASE, cases.case, Access.SUPPORT),
    _does(Action.CASE_DECIDE, cases.decide, Access.FINANCE),
    _code(Question.CASE_CODE, cases.code, Access.FINANCE),
    _command("policies", policies.show, Access.FINANCE),
    _shows(Action.POLICIES, policies.show, Access.FINANCE),
    _command("policy", policies.change, Access.OWNER),
    _command("dryrun", policies.dry_run_command, Access.FINANCE),
    _shows(Action.POLICY_DRY_RUN, policies.dry_run, Access.FINANCE),
    _shows(Action.POLICY_DRY_RUN_ASKED, policies.dry_run_asked, Access.OWNER),
    _shows(Action.POLICY_SETS, policies.sets, Access.FINANCE),
    _does(Action.POLICY_DISCARD, policies.discard, Access.OWNER),
    _does(Action.POLICY_SWITCH, policies.switch, Access.OWNER),
    _code(Question.POLICY_CODE, policies.switch_code, Access.OWNER),
    _command("levels", levels.show, Access.FINANCE),
    _shows(Action.LEVELS, levels.show, Access.FINANCE),
    _command("level", levels.change, Access.OWNER),
    _shows(Action.LEVEL_TABLES, levels.tables, Access.FINANCE),
    _does(Action.LEVELS_DISCARD, levels.discard, Access.OWNER),
    _does(Action.LEVELS_ASK, levels.ask, Access.OWNER),
    _code(Question.LEVELS_CODE, levels.ask_code, Access.OWNER),
    _command("screen", screening.screen, Access.FINANCE),
    _command("unscreen", screening.unscreen, Access.FINANCE),
    _shows(Action.SCREENING, screening.show, Access.FINANCE),
    _code(Question.SCREENING_CODE, screening.code, Access.FINANCE),
    _command("masssend", mass_send.how, Access.FINANCE),
    # Whoever may not send files is answered kindly; what reads one is open to finance alone.
    Route(Kind.MESSAGE, DOCUMENT, mass_send.document),
    _shows(Action.MASS_SENDS, mass_send.sends, Access.FINANCE),
    _shows(Action.MASS_SEND, mass_send.one, Access.FINANCE),
    _does(Action.MASS_START, mass_send.start, Access.FINANCE),
    _code(Question.MASS_START_CODE, mass_send.start_code, Access.FINANCE),
    _does(Action.MASS_STOP, mass_send.stop, Access.FINANCE),
    _does(Action.MASS_RESUME, mass_send.resume, Access.FINANCE),
    _code(Question.MASS_RESUME_CODE, mass_send.resume_code, Access.FINANCE),
    _shows(Action.MASS_GIVE_UP, mass_send.give_up, Access.FINANCE),
    _does(Action.MASS_CANCEL, mass_send.cancel, Access.FINANCE),
    _shows(Action.MASS_RESULT, mass_send.result, Access.FINANCE),
    _shows(Action.MASS_LINES, mass_send.lines, Access.FINANCE),
    _command("role", roles.role, Access.OWNER),
    _code(Question.ROLE_CODE, roles.code, Access.OWNER),
    _command("approvals", approvals.waiting, Access.FINANCE),
    _shows(Action.APPROVALS, approvals.waiting, Access.FINANCE),
    _shows(Action.APPROVAL, approvals.one, Access.FINANCE),
    _does(Action.APPROVAL_TAKE_BACK, approvals.take_back, Access.FINANCE),
    _does(Action.APPROVAL_APPROVE, approvals.approve, Access.FINANCE),
    _does(Action.APPROVAL_REFUSE, approvals.refuse, Access.FINANCE),
    _code(Question.APPROVAL_CODE, approvals.code, Access.FINANCE),
    _command("applications", kyc_review.queue, Access.FINANCE),
    _shows(Action.KYC_QUEUE, kyc_review.queue, Access.FINANCE),
    _shows(Action.KYC_REVIEW, kyc_review.case, Access.FINANCE),
    _shows(Action.KYC_CLAIM, kyc_review.claim, Access.FINANCE),
    _shows(Action.KYC_RELEASE, kyc_review.release, Access.FINANCE),
    _shows(Action.KYC_LOOK, kyc_review.look, Access.FINANCE),
    _shows(Action.KYC_APPROVE, kyc_review.approve, Access.FINANCE),
    _shows(Action.KYC_REFUSE, kyc_review.refuse, Access.FINANCE),
    _shows(Action.KYC_ASK_AGAIN, kyc_review.ask_again, Access.FINANCE),
    _shows(Action.KYC_REASON, kyc_review.reason, Access.FINANCE),
    Route(Kind.ANSWER, Question.KYC_REASON, kyc_review.reason_written, Access.FINANCE, mends=_WHY),
    _code(Question.KYC_CODE, kyc_review.code_given, Access.FINANCE),
    _command("setlevel", kyc_review.set_level, Access.FINANCE),
    _code(Question.LEVEL_CODE, kyc_review.level_code, Access.FINANCE),
    _command("refundcard", card_refunds.refund, Access.FINANCE),
    _code(Question.CARD_REFUND_CODE, card_refunds.code, Access.FINANCE),
    *ACCESS_ROUTES,
)


def build(ports: Ports) -> tuple[AnyApplication, Outbox]:
    """The application and the outbox, on these ports; neither runs yet."""
    table = Table(ROUTES)
    processor = PersonUpdateProcessor()
    application = _application(ports, processor)
    outbox = Outbox(ports, Chats(application.bot, ports.store, patient=False))
    dispatcher = Dispatcher(ports, Chats(application.bot, ports.store), table, outbox.wake)
    processor.on_flood = dispatcher.flooded
    for route in table.commands():
        application.add_handler(CommandHandler(route.name, partial(dispatcher.command, route)))
    application.add_handler(CallbackQueryHandler(dispatcher.button))
    application.add_handler(InlineQueryHandler(dispatcher.typed))
    application.add_handler(ChosenInlineResultHandler(dispatcher.chosen))
    application.add_handler(MessageHandler(filters.ALL, dispatcher.message))
    application.add_error_handler(_outside_of_routes)
    return application, outbox


def _application(ports: Ports, processor: PersonUpdateProcessor) -> AnyApplication:
    settings = ports.settings
    return (
        Application.builder()
        .token(settings.telegram_bot_token.get_secret_value())
        .base_url(settings.telegram_api_base_url)
        .base_file_url(settings.telegram_api_file_url)
        .concurrent_updates(processor)
        .job_queue(None)
        .connection_pool_size(PARALLEL)
        .pool_timeout(_REQUEST_SECONDS)
        .connect_timeout(_REQUEST_SECONDS)
        .read_timeout(_REQUEST_SECONDS)
        .write_timeout(_REQUEST_SECONDS)
        .build()
    )


async def _outside_of_routes(_update: object, context: Any) -> None:
    """What the dispatcher did not catch; nobody is told, because nobody may be there to be told."""
    alarm(context.error)

"""What buttons do and what questions wait for: the words by which taps and drafts name their route."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What a button does. It stands in the ``Tap``, never in the button itself."""

    HOME = "home"
    BALANCE = "balance"
    BALANCE_CHART = "balance.chart"
    HISTORY = "history"
    RECORD = "history.record"
    STATEMENT = "statement"
    LIMITS = "limits"
    KYC = "kyc"
    HELP = "help"
    SEND = "send"
    SEND_CONFIRM = "send.confirm"
    SEND_CANCEL = "send.cancel"
    BUY = "buy"
    BUY_ASSET = "buy.asset"
    BUY_CONFIRM = "buy.confirm"
    BUY_CANCEL = "buy.cancel"
    WITHDRAW = "withdraw"
    WITHDRAW_ASSET = "withdraw.asset"
    WITHDRAW_CONFIRM = "withdraw.confirm"
    WITHDRAW_CANCEL = "withdraw.cancel"
    WITHDRAWAL_STOP = "withdrawal.stop"
    QUESTION_CANCEL = "question.cancel"
    FREEZE = "freeze"
    FREEZE_NOW = "freeze.now"
    UNFREEZE = "unfreeze"
    SETTINGS = "settings"
    LANGUAGE = "settings.language"
    DESK = "desk"
    QUEUE = "desk.queue"
    REVIEW_APPROVE = "review.approve"
    REVIEW_REFUSE = "review.refuse"
    RAIL_PAUSE = "rail.pause"
    RAIL_RESUME = "rail.resume"
    RAIL_CLOSE = "rail.close"
    ALARM_CLEAR = "alarm.clear"


class Question(StrEnum):
    """What the bot asked for and waits to be told. It stands in the ``Draft``."""

    ENROL_CODE = "enrol.code"
    RECOVERY_CODE = "recovery.code"
    SEND_AMOUNT = "send.amount"
    SEND_RECIPIENT = "send.recipient"
    SEND_CODE = "send.code"
    BUY_AMOUNT = "buy.amount"
    WITHDRAW_AMOUNT = "withdraw.amount"
    WITHDRAW_ADDRESS = "withdraw.address"
    WITHDRAW_CODE = "withdraw.code"
    UNFREEZE_CODE = "unfreeze.code"
    REVIEW_CODE = "review.code"
    RAIL_CODE = "rail.code"
    ALARM_CODE = "alarm.code"

"""What the commands do, in a few words, and who has which."""

from __future__ import annotations

from bot.views.words import Words
from wallet_core.domain.people import Access, Role, access_of

#: Commands that everybody has, in the order of the menu.
COMMANDS = (
    "start", "balance", "send", "tip", "receive", "requests", "claims", "recurring", "buy", "payment", "withdraw",
    "withdrawals", "history", "statement", "limits", "kyc", "freeze", "unfreeze", "device", "newcodes", "recover",
    "move", "settings", "zone", "help",
)  # fmt: skip
#: What admins have besides, and how far one must reach for it.
ADMIN_COMMANDS = {
    "admin": Access.SUPPORT,
    "freezeuser": Access.SUPPORT,
    "resets": Access.SUPPORT,
    "unfreezeuser": Access.FINANCE,
    "batches": Access.SUPPORT,
    "hotwallets": Access.SUPPORT,
    "rates": Access.SUPPORT,
    "fees": Access.SUPPORT,
    "statistics": Access.SUPPORT,
    "health": Access.SUPPORT,
    "alarms": Access.SUPPORT,
    "paynow": Access.FINANCE,
    "rail": Access.FINANCE,
    "mode": Access.FINANCE,
    "refundcard": Access.FINANCE,
    "policies": Access.FINANCE,
    "policy": Access.OWNER,
    "dryrun": Access.FINANCE,
    "levels": Access.FINANCE,
    "level": Access.OWNER,
    "screen": Access.FINANCE,
    "unscreen": Access.FINANCE,
    "masssend": Access.FINANCE,
    "applications": Access.FINANCE,
    "setlevel": Access.FINANCE,
    "approvals": Access.FINANCE,
    "reviews": Access.SUPPORT,
    "user": Access.SUPPORT,
    "audit": Access.OWNER,
    "role": Access.OWNER,
}


def commands_for(role: Role | None) -> tuple[str, ...]:
    """The commands of somebody with this role, in the order of the menu."""
    reach = access_of(role)
    return (*COMMANDS, *(command for command, access in ADMIN_COMMANDS.items() if reach >= access))


def command_meaning(_: Words, command: str) -> str:
    """What a command does, in a few words."""
    return (_meanings(_) | _admins_meanings(_))[command]


def _meanings(_: Words) -> dict[str, str]:
    return {
        "start": _("menu"),
        "balance": _("what you have"),
        "send": _("send ITD: /send 5 @name"),
        "tip": _("in a group, as a reply: /tip 5"),
        "receive": _("be paid by a link: /receive 20 dinner"),
        "requests": _("what you asked others for"),
        "claims": _("money that waits to be claimed"),
        "recurring": _("send again and again: /recurring 5 @name daily 18:00"),
        "zone": _("your time zone: /zone Europe/Berlin"),
        "buy": _("buy ITD with coins or a card: /buy 50 ETH"),
        "payment": _("where a payment of yours stands: /payment transaction"),
        "withdraw": _("pay ITD out in coins: /withdraw 50 ETH address"),
        "history": _("what happened"),
        "statement": _("every movement of a month, as a file: /statement 2026-10"),
        "limits": _("what is left today"),
        "kyc": _("your level, and the way to the next one"),
        "freeze": _("stop everything that leaves"),
        "unfreeze": _("go on, with your code"),
        "recover": _("pair a new device when yours is lost"),
        "device": _("pair another device in place of yours"),
        "newcodes": _("new recovery codes"),
        "move": _("move your wallet to another Telegram account"),
        "settings": _("language"),
        "help": _("all commands"),
        "withdrawals": _("withdrawals under way, and their places in the queue"),
    }


def _admins_meanings(_: Words) -> dict[str, str]:
    return {
        "admin": _("admin desk"),
        "resets": _("who asks for a reset of a second factor"),
        "freezeuser": _("freeze somebody's wallet: /freezeuser @name why 3d"),
        "unfreezeuser": _("end an admin's freeze: /unfreezeuser @name"),
        "batches": _("batches under way"),
        "hotwallets": _("what the hot wallets have"),
        "rates": _("what coins are worth, by each source"),
        "fees": _("fees, and what the networks take"),
        "statistics": _("people and volumes"),
        "health": _("how every process is"),
        "alarms": _("alarms that are open"),
        "paynow": _("pay what is queued at once: /paynow BTC"),
        "rail": _("pause, finish, drain, close or resume payouts: /rail BTC drain why"),
        "mode": _("withdrawals only, or pause everything: /mode withdraw-only why"),
        "policies": _("the rules for withdrawals"),
        "policy": _("change a draft of the rules: /policy amount_threshold review_above 500"),
        "dryrun": _("try the draft out on past requests: /dryrun 2026-10-01 2026-10-15"),
        "levels": _("the table of limits"),
        "level": _("change a draft of it: /level 2 payout 12 3000"),
        "screen": _("pay nothing to an address: /screen ETH address why"),
        "unscreen": _("pay to it again: /unscreen ETH address why"),
        "user": _("look at a person: /user and an id, @name, transaction or withdrawal"),
        "audit": _("what admins did: /audit, /audit by 123456789, /audit on 123456789"),
        "reviews": _("withdrawals that wait for a review"),
        "role": _("give somebody a role, with a second owner: /role 123456789 finance"),
        "approvals": _("what waits for a second admin"),
        "masssend": _("pay many people and addresses with one file"),
        "applications": _("applications for a level, to be reviewed"),
        "setlevel": _("put somebody on a lower level: /setlevel @name 1 the reason"),
        "refundcard": _("give a purchase back to its card: /refundcard and its reference"),
    }

"""Begin to replace the device that shows the codes, while it still shows them."""

from __future__ import annotations

from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.domain.two_factor import begin_replacing
from wallet_core.ports import Ports
from wallet_core.use_cases.begin_enrolment import Enrolment, enrolment_of
from wallet_core.use_cases.codes import new_id, post_with_code, secret_bound_to
from wallet_core.use_cases.gate import use_case


@use_case(Access.ENROLLED)
async def replace_device(ports: Ports, caller: Caller, code: str) -> Enrolment:
    """A new secret, with a code of the old one; the old one stays good until ``confirm_device``. Raises the code's."""
    sealed = ports.vault.seal(ports.totp.new_secret().encode(), bound_to=secret_bound_to(caller.person))
    posting = Posting(
        f"device:{new_id()}",
        "device_shown",
        caller.name,
        changes=(begin_replacing(caller.person, sealed),),
        people=(caller.person,),
    )
    await post_with_code(ports, caller, code, posting)
    return await enrolment_of(ports, caller, sealed)

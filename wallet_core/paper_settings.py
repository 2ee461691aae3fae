"""The parts of the settings that say how long applications for a level, and their documents, are kept."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class PaperSettings(BaseSettings):
    """Times of applications for a KYC level; see ``docs/kyc.md``."""

    kyc_retention_days: int = Field(
        default=1_825,
        ge=0,
        description="days after the decision for which documents are kept, as your law says; then nobody can read them",
    )
    kyc_unfinished_days: int = Field(default=14, ge=1, description="days in which an application has to be handed in")
    kyc_reapply_seconds: int = Field(
        default=86_400, ge=0, description="how long after a refusal nobody may apply for a level again"
    )
    kyc_claim_seconds: int = Field(
        default=900, ge=1, description="how long an application is in one reviewer's hands after each look"
    )
    kyc_shown_seconds: int = Field(
        default=300, ge=1, description="how long a document stays in a reviewer's chat, at most"
    )

"""Claims: what captions may say of an example, decided by its numbers; one file a subject."""

from core.trace.claims.claim import CLAIMS, Claim, claim

__all__ = ["CLAIMS", "Claim", "claim"]

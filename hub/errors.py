"""One hierarchy of errors, sorted by what the reader does next; the code's first word is the stage.

``ACCESS_…`` who you are (401) · ``REQUEST_…`` what you sent (400) · ``POLICY_…`` what you may (403, 429) ·
``EXECUTE_…`` what the hub could not do just now (503) · ``INTAKE_…`` a delivery · ``CHECK_…`` a rule ·
``FOLLOWUP_…`` what is done with a finding · ``INDICATOR_…`` a measure, a release, a return ·
``DECLARATION_…`` a file of ours. Messages quote the offending key and value, never a personal value.
"""

from dataclasses import dataclass


@dataclass
class HubError(Exception):
    """``message`` says what is wrong, ``detail`` where, ``hint`` what to do."""

    code: str
    message: str
    detail: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return ". ".join(part.rstrip(".") for part in (self.message, self.detail, self.hint) if part) + "."


class AccessError(HubError):
    """401: no token, or one that does not hold."""


class RequestError(HubError):
    """400: the request cannot be understood, or asks for too much."""


class PolicyError(HubError):
    """403, or 429 where a quota is used up: no grant gives this."""


class ExecuteError(HubError):
    """503: try again later; nothing was disclosed."""


class IntakeError(HubError):
    """A batch is refused; nothing of it was stored as a fact."""


class CheckError(HubError):
    """A rule cannot be run."""


class FollowupError(RequestError):
    """What is to be done with a finding cannot be done, or not yet; nothing was changed."""


class DeclarationError(HubError):
    """A connector, grant, rule or parameter file is not right: names the file, the key and the nearest known key."""


class IndicatorError(HubError):
    """A measure cannot be reckoned, a release not be published, a return not be made."""

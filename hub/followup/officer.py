"""The officer who acts. Refuses (`FollowupError`) one without a name or a position."""

from dataclasses import dataclass

from hub.errors import FollowupError


@dataclass(frozen=True, slots=True)
class Officer:
    """Who acts: by name and position (职务). Both stand in the letter, in the store and in the log."""

    name: str
    position: str

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.position.strip():
            raise FollowupError("FOLLOWUP_OFFICER", "Nobody is named", "", "say who acts: name and position")

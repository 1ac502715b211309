"""What every refusal of a term has in common: a reason code and words. No I/O.

A reason code is stable and may be counted, shown and tested; the message is for people. Neither holds a personal value,
nor does the chain of causes: a term is refused outside the `except` block that noticed it.
"""


class InvalidTerm(ValueError):  # noqa: N818 - named for what it says of the text
    """A text that is not the term it should be."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)  # both, so that the error survives pickling
        self.reason = reason

    def __str__(self) -> str:
        return str(self.args[1])

"""What is wrong with what a person gave, and where."""


class InputError(Exception):
    """Something that was given cannot be used. The text is a whole sentence for a person."""


class ManifestError(InputError):
    """A document cannot be used. `line`, `column` and `document` count from 1, in the file."""

    def __init__(
        self,
        problem: str,
        *,
        file: str,
        document: int | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.problem = problem
        self.file = file
        self.document = document
        self.line = line
        self.column = column
        super().__init__(f"{self.place}: {problem}")

    @property
    def place(self) -> str:
        """The place as editors and terminals read it: `file:line:column, document n`."""
        position = "".join(f":{n}" for n in (self.line, self.column) if n is not None)
        return f"{self.file}{position}" + (f", document {self.document}" if self.document else "")


class PositionError(Exception):
    """What is wrong at an offset of a text; who knows the file turns it into a ManifestError."""

    def __init__(self, problem: str, offset: int) -> None:
        self.problem = problem
        self.offset = offset
        super().__init__(problem)

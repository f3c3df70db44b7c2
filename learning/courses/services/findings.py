"""What an import has to say about files."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a file; `line` counts from 1, None where the whole file is meant."""

    file: str
    line: int | None
    text: str

    def __lt__(self, other: "Finding") -> bool:
        return (self.file, self.line or 0) < (other.file, other.line or 0)

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.text}"


@dataclass(slots=True)
class Findings:
    """Errors keep the folder out, warnings do not; all are collected before anybody is told."""

    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def error(self, file: str, line: int | None, text: str) -> None:
        """The folder cannot be imported because of this."""
        self.errors.append(Finding(file, line, text))

    def warn(self, file: str, line: int | None, text: str) -> None:
        """The author should know this."""
        self.warnings.append(Finding(file, line, text))

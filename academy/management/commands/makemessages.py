"""`makemessages`, which also finds the sentences that xgettext does not see."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.core.management.commands import makemessages

_MARKS: Final = frozenset(
    {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "pgettext", "npgettext"}
)


class SourceFile(makemessages.BuildFile):
    """A Python file with its hidden sentences written out below it."""

    @property
    def is_templatized(self) -> bool:
        return self.domain == "django"

    def preprocess(self) -> None:
        if Path(self.path).suffix != ".py":
            super().preprocess()
            return
        source = Path(self.path).read_text("utf-8")
        written = "\n".join([source, *hidden_sentences(source, name=Path(self.path).name)])
        Path(self.work_path).write_text(written, "utf-8")


class Command(makemessages.Command):
    help = "Brings academy/locale up to date with the code; needs GNU gettext."
    build_file_class = SourceFile


def hidden_sentences(source: str, *, name: str = "") -> Iterator[str]:
    """Calls of gettext for what stands in f-strings, and for what errors say of themselves."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield from (ast.unparse(call) for call in ast.walk(node) if _is_marked(call))
        elif isinstance(node, ast.ClassDef) and _is_error(node, name):
            told = (ast.get_docstring(node) or "").split("\n", 1)[0]
            if told:
                yield f"_({told!r})"


def _is_marked(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MARKS


def _is_error(node: ast.ClassDef, name: str) -> bool:
    """Whether it says the first line of its docstring to people: in `errors.py`, or with a code."""
    stated = (child for child in node.body if isinstance(child, ast.Assign | ast.AnnAssign))
    targets = (
        child.targets if isinstance(child, ast.Assign) else [child.target] for child in stated
    )
    names = {target.id for group in targets for target in group if isinstance(target, ast.Name)}
    return node.name.endswith("Error") and (name == "errors.py" or "code" in names)

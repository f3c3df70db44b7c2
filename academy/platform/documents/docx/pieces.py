"""What an element holds, block by block."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Final

from academy.platform.documents.docx.xml import Element
from academy.platform.documents.tree import BLOCKS, add_text

RUNNING: Final = "span"


def pieces_of(source: Element) -> Iterator[Element]:
    """The blocks in order; running text between them, white space included, as one `span` each."""
    running = source.makeelement(RUNNING)
    running.text = source.text
    for child in source:
        if child.tag in BLOCKS:
            if _says_something(running):
                yield running
            yield child
            running = source.makeelement(RUNNING)
            running.text = child.tail
        else:
            copy = deepcopy(child)
            copy.tail = None
            running.append(copy)
            add_text(running, child.tail or "")
    if _says_something(running):
        yield running


def _says_something(running: Element) -> bool:
    return len(running) > 0 or bool((running.text or "").strip())

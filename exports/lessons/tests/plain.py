"""A writer for tests: the text, at once."""

from dataclasses import dataclass

rendered = []
at_end = []


@dataclass(frozen=True)
class Info:
    page_count: int


def reset():
    rendered.clear()
    at_end.clear()


def write_plain(document, *, meta, load_figure, target, report):
    report(0.1, "Writing")
    rendered.append(meta.title)
    target.write(f"{meta.title}\n{document.text}\n".encode())
    for figure in document.figures:
        target.write(load_figure(figure))
    report(0.9, "Writing")
    for act in at_end:
        act()
    return Info(page_count=1)

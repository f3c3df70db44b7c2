"""The document that the rendering benchmarks share; needs no database."""

import base64
import io
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from xml.etree import ElementTree

import django
from django.conf import settings

from academy.platform.documents.docx import write_docx
from academy.platform.documents.markdown import Document, parse
from academy.platform.documents.meta import DocumentMeta
from academy.platform.documents.pdf import write_pdf
from academy.platform.documents.printing import print_source

META = DocumentMeta(
    title="A sample lesson",
    course_title="Benchmarks",
    author="Academy",
    language="en",
    permalink_url="https://academy.example/benchmarks/sample/",
    generated_at=datetime(2026, 1, 1, tzinfo=UTC),
)
SECTION = """
## Section {number}

Some *words* about `code` and a [link](https://example.org/{number}), {filler}

::: challenge
## Try number {number}
Do it, and then look.

::: solution
It is $a^2 + b_{{{number}}}$.
:::
:::

| Name | Value |
|:-----|------:|
| one  | {number} |
| two  | 2 |

```python
def section(number: int = {number}) -> str:
    return f"section {{number}}"
```
"""


def parsed(sections: int = 25) -> Document:
    """A lesson of so many sections."""
    if not settings.configured:
        settings.configure(USE_TZ=True)
        django.setup()
    filler = "and more of it so that lines break somewhere. " * 8
    return parse(
        "".join(SECTION.format(number=n, filler=filler) for n in range(sections)), figures={}
    )


def no_figure(_figure: object) -> bytes:
    """There are no figures."""
    raise LookupError


def as_pdf(document: Document, target: io.BytesIO) -> None:
    """The document in the target as PDF."""
    write_pdf(document, meta=META, load_figure=no_figure, target=target, report=lambda _f, _s: None)


def as_docx(document: Document, target: io.BytesIO) -> None:
    """The document in the target as DOCX."""
    write_docx(
        document, meta=META, load_figure=no_figure, target=target, report=lambda _f, _s: None
    )


def prepare() -> tuple[Callable[[Document, io.BytesIO], None], Document]:
    """The warm writer and the document."""
    document = parsed()
    as_pdf(document, io.BytesIO())
    return as_pdf, document


def sample() -> str:
    """The same print as one self-contained HTML page: formulas as data, the stylesheet inside."""
    stylesheet = files("academy.platform.documents").joinpath("styles/print.css").read_text("utf-8")
    source = print_source(parsed(), meta=META, load_figure=no_figure, report=lambda _f, _s: None)
    page = ElementTree.tostring(source.root, encoding="unicode", method="html")
    for address, picture in reversed(list(source.pictures.items())):
        data = base64.b64encode(picture.data).decode()
        page = page.replace(f'src="{address}"', f'src="data:{picture.content_type};base64,{data}"')
    return page.replace("</head>", f"<style>{stylesheet}</style></head>", 1)

"""Formulas are drawn in time, however they are nested; what is too much stays readable."""

import time

import pytest

from academy.platform.documents.formulas import Drawing
from academy.platform.documents.tests.rendering import parsed, pdf_of


def nested(opening, times):
    return opening * times + "x" + "}" * times


@pytest.mark.parametrize("opening", ["x^{", r"\frac{a}{", "{", r"\sqrt{", r"\sum_{"])
@pytest.mark.parametrize("times", [12, 50, 300])
def test_nesting_does_not_multiply_the_time(opening, times):
    started = time.process_time()
    drawn = Drawing().draw(nested(opening, times), display=False)
    assert time.process_time() - started < 2
    assert (drawn is not None) == (times == 12)


@pytest.mark.parametrize(
    "tex", [r"\frac{-b \pm \sqrt{b^2 - 4ac}}{2a}", r"\sum_{i=0}^{n} \left( \frac{x_i}{2} \right)^2",
            r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", r"e^{x^{y^{z}}}"],
)  # fmt: skip
def test_ordinary_formulas_are_drawn(tex):
    drawn = Drawing().draw(tex, display=True)
    assert drawn.svg.startswith(b"<svg")
    assert drawn.width > 1


def test_what_is_too_much_is_printed_as_its_source():
    tex = nested("x^{", 30)
    page = pdf_of(parsed(f"Before ${tex}$ after.")).pages[-1].extract_text()
    assert "x^{x^{" in page.replace("\n", "")
    assert "after." in page


def test_the_formulas_of_one_document_share_their_time():
    spent = Drawing(seconds=1e-9)
    assert spent.draw("a+b+c", display=False) is not None
    assert spent.draw("a+b", display=False) is None

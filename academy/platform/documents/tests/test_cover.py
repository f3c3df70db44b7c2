"""What stands at the head of a document, before its text."""

from dataclasses import replace

import pytest

from academy.platform.documents.tests.rendering import (
    META,
    docx_of,
    links_of_docx,
    links_of_pdf,
    parsed,
    pdf_of,
    squeezed,
    text_of_docx,
    text_of_pdf,
)

VIDEO = "https://video.example/watch?v=moon&t=1m<b>"
LINES = {"en": squeezed(f"Video: {VIDEO}"), "ar": squeezed(f"فيديو: {VIDEO}")}


@pytest.fixture(scope="module")
def document():
    return parsed("It *pulls*.")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_head_leads_to_the_video(document, language):
    meta = replace(META, video_url=VIDEO, language=language)
    pdf, word = pdf_of(document, meta=meta), docx_of(document, meta=meta)
    assert {META.permalink_url, VIDEO} <= {link.replace("%3C", "<").replace("%3E", ">") for link in links_of_pdf(pdf)}  # fmt: skip
    assert {META.permalink_url, VIDEO} <= links_of_docx(word)
    if language == "en":
        head, *_text = text_of_pdf(pdf).split("Itpulls")
        assert LINES[language] in head
    head, *_text = text_of_docx(word).split("Itpulls")
    assert LINES[language] in head


@pytest.mark.parametrize(
    "address", ["", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/here"]
)
def test_what_is_not_on_the_web_is_no_video(document, address):
    meta = replace(META, video_url=address)
    pdf, word = pdf_of(document, meta=meta), docx_of(document, meta=meta)
    assert links_of_pdf(pdf) == links_of_docx(word) == {META.permalink_url}
    assert "Video:" not in text_of_pdf(pdf) + text_of_docx(word)

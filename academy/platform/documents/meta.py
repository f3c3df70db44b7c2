"""What a document says about itself."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from academy.platform.documents.text import clean_text


@dataclass(frozen=True, slots=True)
class DocumentMeta:
    """`permalink_url` is absolute; `generated_at` is aware; `notice` stands on each page.

    `video_url` leads to what is watched beside the text, empty without that.
    """

    title: str
    course_title: str
    author: str
    language: str
    permalink_url: str
    generated_at: datetime
    keywords: tuple[str, ...] = ()
    notice: str | None = None
    video_url: str = ""

    def cleaned(self, name: str) -> str:
        """The text of a field without characters that no file format takes, on one line."""
        return " ".join(clean_text(str(getattr(self, name) or "")).split())

    @property
    def video_href(self) -> str:
        """Where the video is on the web; empty for an address that is not of the web."""
        address = self.cleaned("video_url")
        return address if address.lower().startswith(("http://", "https://")) else ""

    def absolute(self, href: str) -> str:
        """The link as it works outside the site."""
        return urljoin(self.permalink_url, href)

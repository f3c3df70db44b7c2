"""A document as DOCX."""

from academy.platform.documents.docx.writer import write_docx

__all__ = ["write_docx"]

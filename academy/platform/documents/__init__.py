"""The one renderer: Markdown becomes neutral HTML, and that becomes page, PDF and DOCX."""

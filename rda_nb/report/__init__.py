"""Renderings of one audit: machine-readable document, Markdown, HTML, figures and data frames."""

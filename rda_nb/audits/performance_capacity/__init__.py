"""The performance and capacity audit: checklist.yaml, rubric.yaml, audit.schema.json and report.md.jinja."""

"""The audits as data: per audit a checklist, a rubric and a report template."""

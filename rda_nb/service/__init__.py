"""Resolution: from facts to a service whose calls, values, flows and budgets are known as far as the source tells."""

from rda_nb.service.model import Service
from rda_nb.service.paths import Flow
from rda_nb.service.resolution import resolve

__all__ = ["Flow", "Service", "resolve"]

"""Resolution: from facts to a service whose calls, values, flows and budgets are known as far as the source tells."""

from rda_nb.service.model import Flow, Service, resolve

__all__ = ["Flow", "Service", "resolve"]

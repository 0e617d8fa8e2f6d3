"""The notebook door: a session that a notebook's cells drive stage by stage, and papermill runs of that notebook."""

from rda_nb.notebook.cells import Carried, Drawn, Shown
from rda_nb.notebook.run import declared_parameters, execute, page
from rda_nb.notebook.session import Session

__all__ = ["Carried", "Drawn", "Session", "Shown", "declared_parameters", "execute", "page"]

"""`python -m rda_nb.handbook` rewrites every generated page."""

from rda_nb.handbook import main

main()

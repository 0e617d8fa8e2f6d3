"""Error budgets of a service level objective and how fast they burn.

Source: Google, "The Site Reliability Workbook", chapter 5, "Alerting on SLOs".
"""

from __future__ import annotations


def error_budget_minutes(objective: float, days: float) -> float:
    """Minutes of complete failure that an objective (0.999) allows in a window of `days`."""
    return _allowed(objective) * _positive(days) * 24 * 60


def burn_rate(error_ratio: float, objective: float) -> float:
    """How many times faster than allowed errors come: 1 spends the budget exactly by the end of the window."""
    if not 0 <= error_ratio <= 1:
        raise ValueError("a ratio lies between 0 and 1")
    return error_ratio / _allowed(objective)


def budget_spent(burn: float, hours: float, days: float) -> float:
    """The share of a `days` budget (1 is all of it) that `hours` at a burn rate spend."""
    if burn < 0 or hours < 0:
        raise ValueError("neither a burn rate nor a duration is negative")
    return burn * hours / (_positive(days) * 24)


def burn_rate_for(spent: float, hours: float, days: float) -> float:
    """The burn rate that spends the share `spent` of a `days` budget within `hours`."""
    if spent < 0:
        raise ValueError("a share is not negative")
    return spent * _positive(days) * 24 / _positive(hours)


def _allowed(objective: float) -> float:
    if not 0 < objective < 1:
        raise ValueError("an objective lies between 0 and 1, both excluded")
    return 1 - objective


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("a window is longer than nothing")
    return value

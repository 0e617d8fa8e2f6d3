"""Waiting in queues with random arrivals and service times: M/M/1, M/M/c, Erlang B and Erlang C.

λ is arrivals per second, μ the services per second of one server, c the number of servers, a = λ/μ the offered load in
erlangs. Source: L. Kleinrock, "Queueing Systems, Volume 1: Theory" (1975), chapter 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """The steady state: share of busy time, probability of waiting, mean seconds waited and spent, mean items.

    At a utilisation of 1 or more there is none: the four means are infinite and everyone waits.
    """

    utilisation: float
    wait_probability: float
    wait: float
    residence: float
    queued: float
    inside: float


def mm1(arrival: float, service: float) -> Waiting:
    """One server: mean wait `ρ / (μ − λ)`, mean residence `1 / (μ − λ)` seconds."""
    return mmc(arrival, service, 1)


def mmc(arrival: float, service: float, servers: int) -> Waiting:
    """`servers` equal servers with one queue: mean wait `C(c, a) / (cμ − λ)` seconds."""
    _check(arrival, service, servers)
    utilisation = arrival / (servers * service)
    if utilisation >= 1:
        return Waiting(utilisation, 1.0, math.inf, math.inf, math.inf, math.inf)
    probability = erlang_c(servers, arrival / service)
    wait = probability / (servers * service - arrival)
    residence = wait + 1 / service
    return Waiting(utilisation, probability, wait, residence, arrival * wait, arrival * residence)


def erlang_b(servers: int, load: float) -> float:
    """The probability that an arrival finds all servers busy and is lost; `load` in erlangs.

    The recursion `B(k) = aB(k−1) / (k + aB(k−1))`, B(0) = 1, which neither overflows nor cancels.
    """
    if servers < 0 or load < 0:
        raise ValueError("servers and load are not negative")
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """The probability that an arrival must wait; 1 when the load is not below the number of servers."""
    if servers < 1 or load < 0:
        raise ValueError("at least one server and a load that is not negative")
    if load >= servers:
        return 1.0
    blocked = erlang_b(servers, load)
    return blocked / (1 - (load / servers) * (1 - blocked))


def _check(arrival: float, service: float, servers: int) -> None:
    if arrival < 0 or service <= 0 or servers < 1:
        raise ValueError("arrivals are not negative, the service rate is positive, and there is at least one server")

"""The Universal Scalability Law: throughput and latency as concurrency grows, with contention and crosstalk.

Source: N. J. Gunther, "Guerrilla Capacity Planning" (2007), and B. Schwartz, "Practical Scalability Analysis with the
Universal Scalability Law" (2015), equations 3, 4 and 6. The inverses here keep both coefficients, so that
`latency(concurrency_at_latency(r)) = r` and `throughput × latency = concurrency` hold everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """σ contention (0 to 1), κ crosstalk (not negative), λ items per second of a single worker."""

    sigma: float
    kappa: float
    rate: float

    def __post_init__(self) -> None:
        if not 0 <= self.sigma < 1 or self.kappa < 0 or self.rate <= 0:
            raise ValueError("the law needs 0 ≤ σ < 1, κ ≥ 0 and a positive rate")

    def throughput(self, concurrency: float) -> float:
        """X(N) = λN / (1 + σ(N − 1) + κN(N − 1)) in items per second."""
        return self.rate * concurrency / self._slowdown(concurrency)

    def latency(self, concurrency: float) -> float:
        """R(N) = N / X(N) in seconds."""
        return self._slowdown(concurrency) / self.rate

    @property
    def max_concurrency(self) -> float:
        """The whole concurrency at which throughput peaks, ⌊√((1 − σ)/κ)⌋, at least 1; infinite without crosstalk."""
        return math.inf if self.kappa == 0 else float(max(1, math.floor(math.sqrt((1 - self.sigma) / self.kappa))))

    @property
    def max_throughput(self) -> float:
        """The throughput at `max_concurrency`; without crosstalk the limit λ/σ, and infinite without both."""
        if self.kappa > 0:
            return self.throughput(self.max_concurrency)
        return self.rate / self.sigma if self.sigma > 0 else math.inf

    def concurrency_at_latency(self, latency: float) -> float:
        """N(R): the positive root of κN² + (σ − κ)N + (1 − σ − λR) = 0.

        Raises ValueError for a latency the law cannot give: it starts at (1 − σ)/λ and, without σ and κ, is constant.
        """
        excess = self.rate * latency - (1 - self.sigma)
        slope = self.sigma - self.kappa
        root = slope * slope + 4 * self.kappa * excess
        if root < 0 or (self.kappa == 0 and self.sigma == 0):
            raise ValueError(f"no concurrency gives a latency of {latency} s")
        # Of the two textbook forms, take the one in which like signs are added, so that a tiny κ cancels nothing.
        rising = math.sqrt(root)
        found = 2 * excess / (slope + rising) if slope > 0 else (rising - slope) / (2 * self.kappa)
        if found <= 0:
            raise ValueError(f"no concurrency gives a latency of {latency} s")
        return found

    def throughput_at_latency(self, latency: float) -> float:
        """X(R) = N(R) / R in items per second."""
        return self.concurrency_at_latency(latency) / latency

    def concurrency_at_throughput(self, throughput: float) -> float:
        """N(X) on the rising side of the curve: the smaller root of κXN² − (λ − (σ − κ)X)N + (1 − σ)X = 0.

        Raises ValueError for a throughput above the peak of the continuous curve.
        """
        if throughput <= 0:
            raise ValueError("throughput is positive")
        linear = self.rate - (self.sigma - self.kappa) * throughput
        root = linear * linear - 4 * self.kappa * (1 - self.sigma) * throughput * throughput
        if root < 0 or linear <= 0:
            raise ValueError(f"{throughput} items/s is above the peak")
        return 2 * (1 - self.sigma) * throughput / (linear + math.sqrt(root))

    def latency_at_throughput(self, throughput: float) -> float:
        """R(X) = N(X) / X in seconds, on the rising side."""
        return self.concurrency_at_throughput(throughput) / throughput

    def _slowdown(self, concurrency: float) -> float:
        if concurrency <= 0:
            raise ValueError("concurrency is positive")
        return 1 + self.sigma * (concurrency - 1) + self.kappa * concurrency * (concurrency - 1)

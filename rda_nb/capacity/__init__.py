"""Pure arithmetic: stall, amplification, queues, usl, drain, cardinality, parts, budgets, slo; no knowledge of code."""

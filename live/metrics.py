"""What fan-out counts (Prometheus). Names: https://prometheus.io/docs/practices/naming/."""

from prometheus_client import Counter, Histogram

_FAST = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)

FANOUT_SECONDS = Histogram(
    "chat_fanout_seconds", "Time to hand what was ready for a group to all its sockets.", buckets=_FAST
)
LAYER_FAILURES = Counter("chat_layer_failures", "Envelopes that the channel layer did not take.")

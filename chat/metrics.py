"""What a process counts of the chat (Prometheus). Names: https://prometheus.io/docs/practices/naming/."""

import logging

from prometheus_client import Counter, Gauge, Histogram

SOCKETS = Gauge("chat_sockets", "Sockets and long polls that are open.", multiprocess_mode="livesum")
ONLINE = Gauge("chat_people_online", "People online, at whatever process.", multiprocess_mode="livemax")
SENDS = Counter("chat_sends", "Messages asked for, by how that ended.", ["result"])
COMMIT_SECONDS = Histogram(
    "chat_commit_seconds", "Time from handing a batch of messages to the database to its commit.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
)  # fmt: skip
BATCH_SIZE = Histogram("chat_batch_messages", "Messages in a commit.", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256))
BACKLOG = Gauge("chat_backlog_messages", "Messages that wait for a commit.", multiprocess_mode="livesum")
REPAIRS = Counter("chat_repaired_gaps", "Gaps in what was delivered, mended from the database.")
SLOW_CUTS = Counter("chat_slow_clients_cut", "Sockets cut off because they did not take their frames.")
HANDSHAKES = Counter("chat_handshakes", "Sockets that wanted to open, by how that ended.", ["result"])
ERRORS = Counter("chat_errors", "Faults of the site itself that were logged.", ["logger"])


class CountErrors(logging.Handler):
    """Counts what is logged as an error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Count one record."""
        ERRORS.labels(record.name.partition(".")[0]).inc()

"""What the log leaves out."""

import logging


class NotTheirMistakes(logging.Filter):
    """Drops what the server logs with a traceback although it is a client's mistake, which anyone can repeat."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith("Invalid UTF-8")

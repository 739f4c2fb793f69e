"""`python -m bench`: measure the site beside its peers, print a table, write the results and docs/performance.md."""

import argparse
import os
import signal
import sys
from types import FrameType

from bench.client import LoadError
from bench.output import terminal_text, write_files
from bench.plan import Bench, Options
from bench.report import Report
from bench.servers import CannotStart

MAX_SECONDS = 30.0
"""Of a window. After 60 s without a word from a client the site closes its socket."""


def main() -> int:
    """Run the bench and return the exit code."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _stop)
    try:
        results = Bench(_options(arguments), lambda line: print(line, flush=True)).run()
    except (CannotStart, LoadError, OSError) as error:
        print(f"The bench failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    report = Report(results)
    print(f"\n{terminal_text(report)}")
    if not arguments.dry:
        write_files(report)
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    # As Ctrl+C does: everything that was started is stopped on the way out.
    raise KeyboardInterrupt


def _arguments() -> argparse.Namespace:
    default = Options()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=float(os.environ.get("BENCH_SECONDS", default.seconds)),
        help="length of a window (BENCH_SECONDS; default %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--repeats", type=int, default=int(os.environ.get("BENCH_REPEATS", default.repeats)),
        help="windows a server and number in flight (BENCH_REPEATS; default %(default)s)",
    )  # fmt: skip
    parser.add_argument("--sockets", type=int, default=default.sockets)
    parser.add_argument("--in-flight", type=int, nargs="+", default=list(default.in_flight), metavar="N")
    parser.add_argument("--only", nargs="*", default=[], metavar="SERVER", help='besides ours, such as "ws"')
    parser.add_argument("--goals", nargs="*", default=list(default.goals), choices=default.goals, metavar="GOAL",
                        help="besides the headline: %(default)s")  # fmt: skip
    parser.add_argument("--dry", action="store_true", help="write no file")
    return parser.parse_args()


def _options(arguments: argparse.Namespace) -> Options:
    return Options(
        seconds=min(max(arguments.seconds, 0.2), MAX_SECONDS),
        repeats=max(1, arguments.repeats),
        sockets=max(2 * Options.senders, arguments.sockets),
        in_flight=tuple(arguments.in_flight),
        only=tuple(arguments.only),
        goals=tuple(arguments.goals),
    )


if __name__ == "__main__":
    sys.exit(main())

"""On what it was measured, as far as that concerns a reader."""

import os
import platform
import statistics
import time
from pathlib import Path

_WRITES = 50


def describe() -> dict[str, str]:
    """Return the processor, how many of its cores there are, and the system; no names or paths."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": _processor(), "cores": str(cores), "system": f"{platform.system()} {platform.release()}"}


def seconds_to_store(folder: Path) -> float:
    """Return the median time that appending 4 KB and waiting for the disk takes in `folder`: a commit's least."""
    times = []
    with (folder / "trial").open("wb", buffering=0) as file:
        for _ in range(_WRITES):
            begin = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begin)
    (folder / "trial").unlink()
    return statistics.median(times)


def memory_bytes(pid: int) -> int:
    """Return the memory that a process holds now (resident); 0 where there is no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) * 1024


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process so far, user and system, all threads; 0 where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()

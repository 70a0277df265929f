"""How often a delivery has something allocated, a lock taken, the clock read, a thread woken, the kernel called: perf's
counts under load at the level under pressure, as root, with probes on the C library that are taken away again."""
import contextlib
import pathlib
import signal
import subprocess

import trials

FUNCTIONS = ("malloc", "calloc", "realloc", "aligned_alloc", "pthread_mutex_lock", "clock_gettime")
SYSTEM_CALLS = ("recvfrom", "sendto", "epoll_wait", "epoll_ctl", "futex", "write", "pwrite64", "fdatasync")


@contextlib.contextmanager
def probes():
    library = next(pathlib.Path("/lib").glob("*-linux-gnu/libc.so.6"))
    added = [f"probe_libc:cistern_{name}" for name in FUNCTIONS]
    try:
        for name in FUNCTIONS:
            subprocess.run(["perf", "probe", "-q", "-x", library, f"cistern_{name}={name}"], check=True)
        yield added
    finally:
        for event in added:
            subprocess.run(["perf", "probe", "-q", "-d", event], check=False, stderr=subprocess.DEVNULL)


def per_delivery(rig, seconds):
    """Calls a delivery, by name."""
    with probes() as added, rig.service(trials.level("fastest")) as running:
        rig.load(running, (), ("--seconds", 2))
        events = added + [f"syscalls:sys_enter_{name}" for name in SYSTEM_CALLS]
        counts = running.folder / "counts"
        counter = subprocess.Popen(["perf", "stat", "-x", ",", "-o", counts, "-e", ",".join(events),
                                    "-p", str(running.process.pid)])
        deliveries = rig.feed(running, "--seconds", seconds)["acknowledged"]
        counter.send_signal(signal.SIGINT)
        counter.wait()
        rows = [line.split(",") for line in counts.read_text().splitlines() if not line.startswith("#") and "," in line]
    return {row[2].removeprefix("probe_libc:cistern_").removeprefix("syscalls:sys_enter_"): round(count(row[0]) / deliveries, 1)
            for row in rows}


def count(text):
    """Of what never happened perf says "<not counted>"."""
    return int(text) if text.isdigit() else 0


def text(counts):
    return "calls a delivery: " + ", ".join(f"{name} {count:g}" for name, count in counts.items())

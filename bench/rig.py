"""What bench/run measures with: the release build, a service on a real disk, the feed, and what /proc says of a process."""
import contextlib
import copy
import dataclasses
import glob
import gzip
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
# Small, so that a run of seconds recycles them as a service does that has been up for minutes with larger ones.
SEGMENTS = {"segment_bytes": "16MiB"}


def build(jobs):
    """Installs what is missing, configures and builds what the benchmark runs, release."""
    quiet = {"check": True, "stdout": sys.stderr, "cwd": ROOT}
    subprocess.run(["deploy/install-packages", "build", "bench"], **quiet)
    subprocess.run(["cmake", "--preset", "release", "-D", "CISTERN_BENCH=ON"], **quiet)
    subprocess.run(["cmake", "--build", "--preset", "release", "-j", str(jobs), "--target", "cistern", "bench-feed",
                    "bench-limit", "bench-ordinary", "bench-put", "bench-stages"], **quiet)


def service_class(binary):
    """The tests' own Service: one way to start a cistern. It takes its binary from the environment when imported."""
    os.environ["CISTERN_BINARY"] = str(binary)
    sys.path.insert(0, str(ROOT / "tests/e2e"))
    sys.dont_write_bytecode = True
    from service import Service
    return Service


def file_system(folder):
    """Its kind and device: a journal on tmpfs measures nothing."""
    found = subprocess.run(["findmnt", "-n", "-o", "FSTYPE,SOURCE", "-T", str(folder)], capture_output=True, text=True)
    return found.stdout.strip()


@dataclasses.dataclass
class Usage:
    """Of a process since its start; subtract two for a span. peak_rss and descriptors are absolute."""
    user: float
    system: float
    minor_faults: int
    major_faults: int
    switches: int
    forced_switches: int
    disk_bytes: int
    writes: int
    peak_rss: int
    rss: int
    descriptors: int

    @property
    def cpu(self):
        return self.user + self.system

    def since(self, before):
        absolute = ("peak_rss", "rss", "descriptors")
        return Usage(**{f.name: getattr(self, f.name) - (0 if f.name in absolute else getattr(before, f.name))
                        for f in dataclasses.fields(Usage)})


def _numbers(path):
    """`name: 12 kB` lines as a map; kB become bytes."""
    found = {}
    for line in pathlib.Path(path).read_text().splitlines():
        name, _, value = line.partition(":")
        words = value.split()
        if words and words[0].isdigit():
            found[name] = int(words[0]) * (1024 if words[1:] == ["kB"] else 1)
    return found


def usage(pid):
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    status = _numbers(f"/proc/{pid}/status")
    io = _numbers(f"/proc/{pid}/io")
    threads = []
    for task in glob.glob(f"/proc/{pid}/task/*/status"):
        with contextlib.suppress(OSError):
            threads.append(_numbers(task))
    return Usage(user=int(stat[11]) / TICK, system=int(stat[12]) / TICK, minor_faults=int(stat[7]),
                 major_faults=int(stat[9]), switches=sum(t["voluntary_ctxt_switches"] for t in threads),
                 forced_switches=sum(t["nonvoluntary_ctxt_switches"] for t in threads), disk_bytes=io["write_bytes"],
                 writes=io["syscw"], peak_rss=status["VmHWM"], rss=status["VmRSS"],
                 descriptors=len(os.listdir(f"/proc/{pid}/fd")))


def archived_lines(folder):
    """Lines of every object below a folder store."""
    lines = 0
    for path in pathlib.Path(folder).rglob("*.gz"):
        with gzip.open(path, "rb") as file:
            while block := file.read(1 << 20):
                lines += block.count(b"\n")
    return lines


def archived_bytes(folder):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*.gz"))


def counted_since(first, service):
    return {name: value - first.get(name, 0) for name, value in service.metrics().items()}


def row_of(sent, used):
    """What the feed says of a load, and what the process used for it."""
    return {"log_mb_per_cpu_second": sent["logBytes"] / 1e6 / max(used.cpu, 1 / TICK),
            "log_mb_per_second": sent["logBytes"] / 1e6 / max(sent["seconds"], 1e-9),
            "deliveries": sent["acknowledged"], "events": sent["uniqueEvents"], "retried": sent["retried"],
            "log_bytes": sent["logBytes"], "latency_ms": sent["latencyMs"], "cpu": used.cpu,
            "feed_processors": sent["cpuSeconds"] / sent["seconds"], **dataclasses.asdict(used)}


class Turns:
    """Loads of one service that takes turns with others. To a turn belongs what the process does until its next:
    what is stored while others are measured is counted."""

    def __init__(self, rig, service, shape=()):
        """`service` has stored what it got before."""
        self.rig, self.service, self.shape, self.sent, self.usages = rig, service, shape, [], []
        self.first = service.metrics()

    def take(self, amount):
        self.usages.append(usage(self.service.process.pid))
        self.sent.append(self.rig.feed(self.service, *self.shape, *amount))

    def rows(self, stored):
        """The figures of each turn. `stored`: first all of it has to be, and to add up."""
        if stored:
            self.service.wait_stored(300)
        self.usages.append(usage(self.service.process.pid))
        if stored:
            events = {"uniqueEvents": sum(sent["uniqueEvents"] for sent in self.sent)}
            self.rig.check_accounts(self.service, events, counted_since(self.first, self.service), False)
        return [row_of(sent, after.since(before))
                for sent, before, after in zip(self.sent, self.usages, self.usages[1:])]


class Rig:
    """A folder on a real disk and the programs of one build."""

    def __init__(self, binary, programs, folder, corpus=None):
        self.binary, self.programs, self.folder = binary, pathlib.Path(programs), pathlib.Path(folder)
        self.corpus, self.s3 = corpus, None
        self.service_class = service_class(binary)
        self.count = 0

    def storing_in(self, s3):
        """The same, but its services store into that S3 server."""
        other = copy.copy(self)
        other.s3 = s3
        return other

    @contextlib.contextmanager
    def service(self, settings=None, start=True):
        self.count += 1
        folder = self.folder / f"service-{self.count}"
        both = {"log": {"level": "warning"}, "journal": {"max_bytes": "8GiB", **SEGMENTS}, "memory_limit": "2GiB"}
        for section, values in (settings or {}).items():
            both[section] = {**both.get(section, {}), **values} if isinstance(values, dict) else values
        if self.s3:
            both["store"] = {"type": "s3", "path_style": True, "prefix": f"bench-{os.getpid()}-{self.count}/", **self.s3}
        service = self.service_class(folder, both)
        (folder / "access_key").write_text(service.ACCESS_KEY)
        try:
            yield service.start() if start else service
        finally:
            service.stop()
            subprocess.run(["rm", "-rf", str(folder)], check=True)

    def shape_options(self, shape):
        return [*shape, *(["--corpus", str(self.corpus)] if self.corpus and "--lines" not in shape else [])]

    def feed(self, service, *shape):
        """The feed's summary; what was not acknowledged is an error."""
        done = subprocess.run([self.programs / "bench-feed", "--url", service.url, "--ca", service.certificate,
                               "--access-key-file", service.folder / "access_key",
                               *map(str, self.shape_options(shape))], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"bench-feed {' '.join(map(str, shape))}: {done.stdout}{done.stderr}{service.log_tail()}")
        return json.loads(done.stdout)

    def load(self, service, shape, amount, check_archive=False):
        """Feeds, waits until all of it is stored; the figures. `amount`: --count or --seconds."""
        first, before = service.metrics(), usage(service.process.pid)
        began = time.monotonic()
        sent = self.feed(service, *shape, *amount)
        fed = time.monotonic() - began
        service.wait_stored(300)
        used = usage(service.process.pid).since(before)
        counted = counted_since(first, service)
        self.check_accounts(service, sent, counted, check_archive)
        return {**row_of(sent, used), "seconds": fed, "object_bytes": counted["cistern_stored_bytes_total"], "metrics": counted}

    def check_accounts(self, service, sent, counted, archive):
        """Events in = acknowledged = decoded = stored = lines of the archive."""
        accounts = {"acknowledged": sent["uniqueEvents"], "decoded": counted["cistern_events_total"],
                    "stored": counted["cistern_stored_events_total"]}
        if archive and not self.s3:
            accounts["lines"] = archived_lines(service.archive)
        if len(set(accounts.values())) != 1:
            raise SystemExit(f"the accounts differ: {accounts}")

    def program(self, name, *options):
        """One of bench-limit, bench-ordinary: its figures."""
        return self.bare_program(name, *self.shape_options(options))

    def bare_program(self, name, *options):
        """One that takes no lines."""
        done = subprocess.run([self.programs / name, *map(str, options)], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{name}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

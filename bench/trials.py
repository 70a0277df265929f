"""One function a row of the goals' table: each runs what the row needs and returns its figures."""
import concurrent.futures
import contextlib
import json
import mmap
import os
import pathlib
import signal
import ssl
import http.client
import statistics
import subprocess
import time

from put_sink import put_sink
from rig import Turns, archived_bytes, counted_since, usage

FIVE_MB = ("--events", 2_000, "--records", 9)  # bodies of some 5 MB


def level(value):
    return {"format": {"level": str(value)}}


def median(rows, name):
    return statistics.median(row[name] for row in rows)


# A process has a fast or a slow life, by where its pages lie: as much as 7 % between two of the same. So of each that
# is compared there are several, one after the other.
LIVES = 3


def lives(count):
    """How many turns each of them gets, for `count` in all or somewhat more."""
    some = min(LIVES, count)
    return [-(-count // some)] * some


def rounds_beside_the_limit(rig, count, seconds):
    """The service at both ends of its levels, the limit and the ordinary pipeline, in turns: what the machine does to
    one of them it does to all."""
    taken = {"service": {"fastest": [], "6": []}, "limit": [], "ordinary": []}
    for turns in lives(count):
        one_life_beside_the_limit(rig, turns, seconds, taken)
    return taken


def one_life_beside_the_limit(rig, count, seconds, taken):
    with contextlib.ExitStack() as running:
        services = {name: running.enter_context(rig.service(level(name))) for name in taken["service"]}
        for service in services.values():
            rig.load(service, (), ("--seconds", seconds / 2))
        one = services["fastest"]
        pem = ("--certificate", one.certificate, "--key", one.key, "--folder", one.folder)
        turns = {name: Turns(rig, service) for name, service in services.items()}
        for _ in range(count):
            for name, each in turns.items():
                each.take(("--seconds", seconds))
                if name == "fastest":
                    taken["limit"].append(rig.program("bench-limit", "--rounds", 1, "--seconds", 0.4, *pem))
            taken["ordinary"].append(rig.program("bench-ordinary", "--rounds", 1, "--seconds", 0.4))
        for name, each in turns.items():
            taken["service"][name] += each.rows(stored=True)


def cost(speeds):
    """ns per log byte, over all turns."""
    return statistics.fmean(1e3 / speed for speed in speeds)


def ratios(taken, name):
    """How much less they cost than the service: the limit's pipeline, of libraries, and with the faster inflating and its
    doors the limit of all that the service does; the same pipeline with what the service inflates and deflates by; the
    ordinary pipeline. Not of medians: those fall now on a fast life and now on a slow one."""
    service = cost(row["log_mb_per_cpu_second"] for row in taken["service"][name])
    in_memory = {codec: cost(limit["log_mb_per_cpu_second"][codec] for limit in taken["limit"])
                 for codec in taken["limit"][0]["log_mb_per_cpu_second"]}
    bound, inflating_alike = in_memory[name], in_memory[f"{name}, inflating as the service"]
    alike = in_memory.get(f"{name}, as the service", inflating_alike)
    doors = statistics.fmean(limit["tls_ns_per_log_byte"] + limit["disk_ns_per_log_byte"][name] for limit in taken["limit"])
    ordinary = cost(each["log_mb_per_cpu_second"]["zlib-6"] for each in taken["ordinary"])
    return {"limit": bound / service, "limit_with_doors": (min(bound, inflating_alike) + doors) / service,
            "limit_alike": alike / service, "limit_alike_with_doors": (alike + doors) / service, "ordinary": ordinary / service,
            "log_mb_per_cpu_second": 1e3 / service,
            "turns": {"service": [round(row["log_mb_per_cpu_second"], 1) for row in taken["service"][name]],
                      "limit": [round(limit["log_mb_per_cpu_second"][name], 1) for limit in taken["limit"]]}}


def side_by_side(rig, settings, shapes, count, seconds, stored=True):
    """One service for each of `settings`, all of them up, loaded in turns: the rows of each, over several lives."""
    rows = {name: [] for name in settings}
    for turns in lives(count):
        for name, each in one_life_side_by_side(rig, settings, shapes, turns, seconds, stored).items():
            rows[name] += each
    return rows


def one_life_side_by_side(rig, settings, shapes, count, seconds, stored):
    with contextlib.ExitStack() as running:
        turns = {}
        for name, each in settings.items():
            service = running.enter_context(rig.service({**level("fastest"), **each}))
            rig.feed(service, *shapes[name], "--seconds", seconds / 4)
            if stored:
                service.wait_stored(120)
            turns[name] = Turns(rig, service, shapes[name])
        for _ in range(count):
            for each in turns.values():
                each.take(("--seconds", seconds))
        return {name: each.rows(stored) for name, each in turns.items()}


# What deliveries may take of 128 MiB; the default of them alone is 256.
SMALL = {"memory_limit": "128MiB",
         "limits": {"in_flight_bytes": "48MiB", "body_bytes": "16MiB", "inflated_body_bytes": "24MiB",
                    "inflated_record_bytes": "16MiB"}}
HOURS_OF_LARGE_BODIES = (*FIVE_MB, "--hours", 24)


def memory(rig, count, seconds):
    """128 MiB against 2 GiB: 24 open hours, bodies of 5 MB."""
    rows = side_by_side(rig, {"small": SMALL, "large": {}}, dict.fromkeys(("small", "large"), HOURS_OF_LARGE_BODIES), count,
                        seconds)
    speed = {name: {unit: cost(row[unit] for row in each) for unit in ("log_mb_per_cpu_second", "log_mb_per_second")}
             for name, each in rows.items()}
    return {"peak_rss": max(row["peak_rss"] for row in rows["small"]),
            "throughput_ratio": speed["large"]["log_mb_per_cpu_second"] / speed["small"]["log_mb_per_cpu_second"],
            "wall_ratio": speed["large"]["log_mb_per_second"] / speed["small"]["log_mb_per_second"]}


def partitions(rig, count, seconds, numbers=(1, 24, 1_000, 10_000)):
    """Frames of 1 000 events, each in another partition than the last, all of them open: of none of the four is anything
    flushed while it is measured, or the objects' number would be what is compared."""
    settings = {"partition": {"key": "{attribute:part}/", "flush_age": "1h", "late_flush_age": "1h", "flush_size": "4GiB"}}
    shapes = {number: ("--partitions", number, "--events", 1_000, "--records", 1, "--connections", 16) for number in numbers}
    rows = side_by_side(rig, dict.fromkeys(numbers, settings), shapes, count, seconds / 2, stored=False)
    return {str(number): 1e3 / cost(row["log_mb_per_cpu_second"] for row in each) for number, each in rows.items()}


def answers(rig, seconds, turns=5):
    """One delivery after the other, the processors mostly idle: what of the acknowledgement is more than the work of the
    same delivery (to receive, to decode and to compress it), as the service measures it and as the feed does, which has to
    encrypt and to wake up as well; and the disk's own sync, in turns. Of a service that seals and stores objects every
    second, and the whole latency beside that of one that stores none meanwhile: what sealing adds would show there."""
    ages = {"storing": "1s", "not_storing": "1h"}
    taken = {"latency": [], "latency_not_storing": [], "beyond_at_feed": [], "beyond": [], "sync": []}
    with contextlib.ExitStack() as stack:
        services = {name: stack.enter_context(rig.service({**level(6), "partition": {"flush_age": age, "late_flush_age": age}}))
                    for name, age in ages.items()}
        for service in services.values():
            rig.feed(service, "--seconds", 2)
        for _ in range(turns):
            for latency, acknowledged, work in deliveries_beside_their_work(rig, services["storing"], seconds / turns):
                taken["latency"].append(latency)
                taken["beyond_at_feed"].append(latency - work)
                taken["beyond"].append(acknowledged - work)
            taken["sync"] += disk_sync(services["storing"].folder, round(10 * seconds / turns), 600_000)
            sent = rig.feed(services["not_storing"], *ONE_AFTER_THE_OTHER, "--seconds", seconds / turns)
            taken["latency_not_storing"] += sent["latenciesMs"][1:]
    return {f"{name}_{quantile}_ms": at(values, share) for name, values in taken.items()
            for quantile, share in (("p50", 0.5), ("p99", 0.99), ("max", 1))} | {"deliveries": len(taken["beyond"])}


def at(values, share):
    return sorted(values)[round(share * (len(values) - 1))]


# Seven a second on one connection, so that between two of them the metrics page can be read.
ONE_AFTER_THE_OTHER = ("--connections", 1, "--rate", 7)


def deliveries_beside_their_work(rig, running, seconds):
    """Of each in its order, in ms: latency at the feed, acknowledgement and work as the service measures them, by the sums of
    the metrics page read between two of them. Where one was missed two have one sum, and both are left out."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        sums = [worked(running)]
        fed = pool.submit(rig.feed, running, *ONE_AFTER_THE_OTHER, "--seconds", seconds)
        while not fed.done() or sums[-1][0] - sums[0][0] < len(fed.result()["latenciesMs"]):
            time.sleep(0.06)
            now = worked(running)
            if now[0] != sums[-1][0]:
                sums.append(now)
        latencies = fed.result()["latenciesMs"]
    rows = [(latencies[int(before[0] - sums[0][0])], *(1e3 * (now - then) for then, now in zip(before[1:], after[1:])))
            for before, after in zip(sums, sums[1:]) if after[0] - before[0] == 1]
    # The first one also made the connection.
    return rows[1:]


def worked(running):
    """Deliveries, the seconds to their acknowledgement, and of these those of their work."""
    page = running.metrics()
    return (page["cistern_acknowledge_seconds_count"], page["cistern_acknowledge_seconds_sum"],
            page["cistern_receive_seconds_sum"] + page["cistern_decode_seconds_sum"])


def disk_sync(folder, times, size):
    """ms of fdatasync on this disk after a write of `size` bytes, in place, as the journal does it."""
    path, block, took = folder / "sync-probe", os.urandom(size), []
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    os.posix_fallocate(file, 0, size)
    for _ in range(times + 3):
        began = time.perf_counter()
        os.pwrite(file, block, 0)
        os.fdatasync(file)
        took.append(1e3 * (time.perf_counter() - began))
        time.sleep(0.05)
    os.close(file)
    os.unlink(path)
    return took[3:]


def pin(service, processors):
    for task in os.listdir(f"/proc/{service.process.pid}/task"):
        os.sched_setaffinity(int(task), processors)


def scaling(rig, count, seconds):
    """One worker and one processor, each in its turn, against two and two. The feed needs a processor too: that which the one
    leaves free, but of the two it takes its share. By the clock for each processor that the service could have had, which
    tells of waiting as well; and by the service's CPU seconds, which tell what more hands cost each other."""
    if os.cpu_count() < 2:
        return {"ratio": None}
    with contextlib.ExitStack() as running:
        turns = {workers: Turns(rig, running.enter_context(rig.service({**level(6), "runtime": {"workers": workers}})))
                 for workers in (1, 2)}
        for turn in range(2 * count):
            for workers, each in turns.items():
                pin(each.service, {turn % 2} if workers == 1 else {0, 1})
                each.take(("--seconds", seconds / 2))
        rows = {workers: each.rows(stored=False) for workers, each in turns.items()}
    wall, cpu = ({workers: 1e3 / cost(row[unit] for row in each) for workers, each in rows.items()}
                 for unit in ("log_mb_per_second", "log_mb_per_cpu_second"))
    left = 2 - statistics.fmean(row["feed_processors"] for row in rows[2])
    return {"one": wall[1], "two": wall[2], "ratio": wall[2] / wall[1], "left_by_the_feed": left,
            "ratio_of_what_the_feed_leaves": 2 * wall[2] / left / wall[1], "ratio_by_cpu_seconds": 2 * cpu[2] / cpu[1]}


def recovery(rig, seconds):
    """A killed service with all of its journal pending: from exec to ready, by the bytes it reads; and what the disk
    gives of the same files to one reader past the cache, 4 MiB at a time. Medians of three turns."""
    settings = {**level("fastest"), "partition": {"flush_age": "1h", "late_flush_age": "1h", "flush_size": "2GiB"}}
    with rig.service(settings) as running:
        rig.feed(running, "--seconds", 2 * seconds, "--lines", "noise", "--records", 20)  # fills it fast
        written = running.metrics()["cistern_journal_written_bytes_total"]
        running.kill()
        turns = []
        for _ in range(3):
            turns.append({"disk": disk_read((running.folder / "journal").glob("*.segment")), "start": start_anew(running)})
            running.kill()
        took = median(turns, "start")
        return {"journal_bytes": written, "seconds": took, "gb_per_second": written / 1e9 / took,
                "disk_gb_per_second": median(turns, "disk")}


def start_anew(running):
    """Seconds from exec to ready."""
    began = time.monotonic()
    running.start(wait=False)
    wait_listening(running)
    return time.monotonic() - began


def past_cache(path):
    """Opened for it, where the file system knows how."""
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECT)
    except OSError:
        return os.open(path, os.O_RDONLY)


def disk_read(paths):
    block, read, began = mmap.mmap(-1, 4 << 20), 0, time.monotonic()
    for path in paths:
        file, offset = past_cache(path), 0
        while got := os.preadv(file, [block], offset):
            offset += got
            if got % 4096:
                break  # the end, which is no block's
        os.close(file)
        read += offset
    return read / 1e9 / (time.monotonic() - began)


def wait_listening(service):
    while service.process.poll() is None:
        try:
            if service.ops("/readyz")[0] == 200:
                return
        except OSError:
            time.sleep(0.002)
    raise SystemExit(service.log_tail())


def archive_size(rig, count):
    """At level 6: the archive against libdeflate-6 over the whole of its lines, and with short ids."""
    sizes = {}
    for form in ("full", "short"):
        with rig.service({"format": {"level": "6", "event_id": form}}) as running:
            rig.load(running, (), ("--count", count))
            sizes[form] = archived_bytes(running.archive)
            if form == "full":
                paths = sorted(map(str, running.archive.rglob("*.gz")))
                whole = subprocess.run([rig.programs / "bench-limit", "--whole", *paths], capture_output=True, text=True,
                                       check=True)
    return {"full": sizes["full"], "short": sizes["short"], "whole": json.loads(whole.stdout)["whole_bytes"],
            "over_whole": sizes["full"] / json.loads(whole.stdout)["whole_bytes"] - 1,
            "short_saves": 1 - sizes["short"] / sizes["full"]}


def put(rig, rounds, seconds):
    """The store's client alone: CPU seconds of a process for each GB put over TLS, beside what the same primitives take of
    openssl's own speed. Medians of turns."""
    costs = {"crc32c": [], "crc64nvme": [], "none": []}
    openssl = {"sha256": [], "aes-256-gcm": []}
    sums, kernel = [], []
    with rig.service(start=False) as running, put_sink(running.certificate, running.key) as url:
        for _ in range(rounds):
            for name, figures in costs.items():
                done = rig.bare_program("bench-put", "--url", url, "--ca", running.certificate, "--checksum", name,
                                        "--seconds", seconds)
                figures.append(done["cpu_seconds_per_gb"])
                kernel.append(done["kernel_seconds_per_gb"])
                sums.append(done["checksum_seconds_per_gb"])
            for name, figures in openssl.items():
                figures.append(openssl_seconds_per_gb(name))
    return {"cpu_seconds_per_gb": {name: statistics.median(figures) for name, figures in costs.items()},
            "kernel_seconds_per_gb": statistics.median(kernel),
            "openssl_seconds_per_gb": {name: statistics.median(figures) for name, figures in openssl.items()},
            "checksum_seconds_per_gb": {name: median(sums, name) for name in ("sha256", "crc32c", "crc64nvme")}}


def openssl_seconds_per_gb(primitive):
    """CPU seconds by `openssl speed`, in a TLS record's 16 KiB."""
    done = subprocess.run(["openssl", "speed", "-mr", "-seconds", "1", "-bytes", "16384", "-evp", primitive], check=True,
                          capture_output=True, text=True)
    return 1e9 / float(done.stdout.strip().rsplit(":", 1)[1])


def idle(rig, seconds):
    with rig.service() as running:
        time.sleep(1)
        before, ran_before = usage(running.process.pid), ran(running.process.pid)
        time.sleep(seconds)
        used, ran_since = usage(running.process.pid).since(before), ran(running.process.pid) - ran_before
        return {"rss": used.rss, "core_share": ran_since / seconds, "switches_per_second": used.switches / seconds}


def ran(pid):
    """Seconds that its threads ran, to the microsecond where the kernel tells: a tick of the ordinary account is a tenth of a
    percent of ten seconds."""
    exact = list(pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(int(path.read_text().split()[0]) for path in exact) / 1e9 if exact else usage(pid).cpu


def start(rig, times=5):
    """From exec to the first delivery's 200, with an empty journal; the median."""
    took = []
    for _ in range(times):
        with rig.service(start=False) as running:
            context = ssl.create_default_context(cafile=str(running.certificate))
            began = time.monotonic()
            running.start(wait=False)
            while running.process.poll() is None:
                try:
                    deliver(running, context)
                    break
                except ConnectionRefusedError:
                    time.sleep(0.001)
            took.append(1e3 * (time.monotonic() - began))
    return {"first_200_ms": statistics.median(took)}


def deliver(service, context):
    connection = http.client.HTTPSConnection("127.0.0.1", service.port, context=context)
    body = json.dumps({"requestId": "r-1", "timestamp": int(1e3 * time.time()), "records": [{"data": ""}]})
    connection.request("POST", "/", body, {"X-Amz-Firehose-Protocol-Version": "1.0", "X-Amz-Firehose-Request-Id": "r-1",
                                           "X-Amz-Firehose-Access-Key": service.ACCESS_KEY,
                                           "Content-Type": "application/json"})
    if connection.getresponse().status != 200:
        raise SystemExit(service.log_tail())
    connection.close()


def soak(rig, seconds, steps=20):
    """Full load for long at 128 MiB, 24 open hours: throughput, memory, descriptors and journal at even distances, and
    whether all of it was stored. The journal fills to its half, from where on objects are made of its oldest segments. What
    is archived is deleted as it comes: of an hour it is more than most disks have."""
    rows, events = [], 0
    with rig.service({**level("auto"), **SMALL, "journal": {"max_bytes": "2GiB"}}) as running:
        first = running.metrics()
        for _ in range(steps):
            before = usage(running.process.pid)
            sent = rig.feed(running, *HOURS_OF_LARGE_BODIES, "--seconds", seconds / steps)
            now = usage(running.process.pid)
            events += sent["uniqueEvents"]
            rows.append({"log_mb_per_cpu_second": sent["logBytes"] / 1e6 / now.since(before).cpu,
                         "log_mb_per_second": sent["logBytes"] / 1e6 / sent["seconds"], "rss": now.rss, "peak_rss": now.peak_rss,
                         "descriptors": now.descriptors, "journal_bytes": running.metrics()["cistern_journal_bytes"]})
            for path in running.archive.rglob("*.gz"):
                path.unlink()
        running.wait_stored(300)
        rig.check_accounts(running, {"uniqueEvents": events}, counted_since(first, running), False)
    return {"events": events, "seconds": seconds, "steps": rows}

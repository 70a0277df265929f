"""Figures as text: one line a goal, with what was reached."""

HEADER = f"{'what':58} {'goal':>22}  reached"
SHAPE_FIGURES = ("log_mb_per_cpu_second", "log_mb_per_second", "peak_rss", "events", "latency_ms")
MIB = 1 << 20


def line(what, goal, reached, holds):
    mark = "" if holds is None else "  yes" if holds else "  NO"
    return f"{what:58} {goal:>22}  {reached}{mark}"


def lines_of(name, row):
    return "\n".join(line(*each) for each in globals()[f"_{name}"](row))


def _s3(row):
    """As beside the limit, but without goals: the S3 server is on the same processors."""
    for what, _goal, reached, _holds in _limit(row):
        yield f"into S3: {what.strip()}", "", reached, None


def _limit(row):
    for name, text, share in (("fastest", "under pressure", 8), ("6", "default level (libdeflate 6)", 3)):
        of = row[name]
        yield f"{text}: log MB per CPU second", "", f"{of['log_mb_per_cpu_second']:.0f}", None
        for against, what in (("limit_with_doors", "of the limit, TLS and disk in it"), ("limit", "of its pipeline alone, in memory"),
                              ("limit_alike_with_doors", "of the limit with our codecs"), ("limit_alike", "of that in memory")):
            # Under pressure the goal is a share of all that has to be done; at the default level, of the pipeline.
            goal = against == ("limit_with_doors" if name == "fastest" else "limit")
            yield (f"{text}, {what}", ">= 0.85" if goal else "", f"{of[against]:.2f}", of[against] >= 0.85 if goal else None)
        yield f"{text}, ordinary pipelines", f">= {share}", f"{of['ordinary']:.1f}", of["ordinary"] >= share
        yield "  peak RSS, MiB", "", f"{of['peak_rss'] / MIB:.0f}", None
        yield ("  acknowledgement of 8 at a time, p50; p99, ms", "",
               f"{of['latency_ms']['p50']:.0f}; {of['latency_ms']['p99']:.0f}", None)
        counts = of["per_delivery"]
        yield ("  a delivery: switches, forced, faults, writes", "",
               " ".join(f"{counts[key]:.0f}" for key in ("switches", "forced_switches", "minor_faults", "writes")), None)


def _memory(row):
    yield ("memory_limit 128 MiB, 24 open hours: peak RSS, MiB", "<= 128", f"{row['peak_rss'] / MIB:.0f}",
           row["peak_rss"] <= 128 * MIB)
    yield ("  log MB per CPU second, of those with 2 GiB", ">= 0.9", f"{row['throughput_ratio']:.2f}",
           row["throughput_ratio"] >= 0.9)
    yield "  log MB per second, of those with 2 GiB", "", f"{row['wall_ratio']:.2f}", None


def _partitions(row):
    least = min(row.values()) / max(row.values())
    yield ("1, 24, 1 000, 10 000 partitions: slowest of fastest", ">= 0.9",
           f"{least:.2f} ({', '.join(f'{speed:.0f}' for speed in row.values())} MB/CPU s)", least >= 0.9)


def _answers(row):
    for name in ("p50", "p99"):
        bound = 3 * row[f"sync_{name}_ms"]
        yield (f"acknowledgement beyond its delivery's own work, {name}, ms", f"<= {bound:.1f} (3 syncs)",
               f"{row[f'beyond_{name}_ms']:.1f}", row[f"beyond_{name}_ms"] <= bound)
        yield (f"  at the feed, its encrypting included; and with the work, {name}, ms", "",
               f"{row[f'beyond_at_feed_{name}_ms']:.1f}; {row[f'latency_{name}_ms']:.1f}", None)
    yield "  longest, ms", "", f"{row['latency_max_ms']:.0f}", None
    bound = row["latency_not_storing_p99_ms"] + 3 * row["sync_p99_ms"]
    yield ("while objects are sealed and stored, with the work, p99, ms", f"<= {bound:.0f} (without, 3 syncs)",
           f"{row['latency_p99_ms']:.0f}", row["latency_p99_ms"] <= bound)


def _scaling(row):
    if row["ratio"] is not None:
        of = row["ratio_of_what_the_feed_leaves"]
        yield (f"2 processors, of which the feed leaves {row['left_by_the_feed']:.2f}, against 1", ">= 1.9", f"{of:.2f}", of >= 1.9)
        yield "  without what the feed takes; by CPU seconds of the service", "", f"{row['ratio']:.2f}; {row['ratio_by_cpu_seconds']:.2f}", None


def _recovery(row):
    disk = row["disk_gb_per_second"]
    yield (f"recovery of {row['journal_bytes'] / MIB:.0f} MiB, GB/s", f">= 1, or disk's {disk:.2f}",
           f"{row['gb_per_second']:.2f}", row["gb_per_second"] >= min(1, disk))


def _archive(row):
    yield ("archive against libdeflate-6 over whole objects", "<= +2 %", f"{100 * row['over_whole']:+.1f} %",
           row["over_whole"] <= 0.02)
    yield "short ids make it smaller by", ">= 28 %", f"{100 * row['short_saves']:.1f} %", row["short_saves"] >= 0.28


def _put(row):
    openssl = row["openssl_seconds_per_gb"]
    for name, cost in row["cpu_seconds_per_gb"].items():
        yield f"CPU seconds for each GB put over TLS, checksum {name}", "", f"{cost:.2f}", None
    yield "  of these in the kernel", "", f"{row['kernel_seconds_per_gb']:.2f}", None
    yield ("  of these SHA-256 and AES-256-GCM, by openssl speed", "",
           f"{sum(openssl.values()):.2f} ({', '.join(f'{cost:.2f}' for cost in openssl.values())})", None)
    yield ("  SHA-256, CRC-32C, CRC-64/NVME, ours alone", "",
           ", ".join(f"{cost:.3f}" for cost in row["checksum_seconds_per_gb"].values()), None)


def _idle(row):
    yield "idle: RSS, MiB", "< 20", f"{row['rss'] / MIB:.1f}", row["rss"] < 20 * MIB
    yield "idle: share of a core", "< 0.2 %", f"{100 * row['core_share']:.2f} %", row["core_share"] < 0.002


def _start(row):
    yield "from exec to the first 200, ms", "< 100", f"{row['first_200_ms']:.0f}", row["first_200_ms"] < 100


def shape_line(name, row):
    return (f"{name:28} {row['log_mb_per_cpu_second']:7.1f} log MB/CPU s {row['log_mb_per_second']:7.1f} log MB/s "
            f"{row['peak_rss'] / MIB:6.0f} MiB  p50 {row['latency_ms']['p50']:7.1f}  p99 {row['latency_ms']['p99']:7.1f} ms")


def soak(figures):
    rows = figures["steps"]
    lines = [f"{'':4} {'log MB/CPU s':>12} {'log MB/s':>9} {'RSS MiB':>8} {'files':>6} {'journal MiB':>12}"]
    for number, row in enumerate(rows):
        lines.append(f"{number:4} {row['log_mb_per_cpu_second']:12.1f} {row['log_mb_per_second']:9.1f} {row['rss'] / MIB:8.0f} "
                     f"{row['descriptors']:6} {row['journal_bytes'] / MIB:12.0f}")
    return "\n".join([*lines, *(line(*each) for each in _soak(figures["seconds"], rows))])


def _soak(seconds, rows):
    peak = rows[-1]["peak_rss"]
    yield f"full load for {seconds} s at 128 MiB: peak RSS, MiB", "<= 128", f"{peak / MIB:.0f}", peak <= 128 * MIB
    # Beside a tenth: as much as moments differ by, one object more or less in the making, two segments of the journal.
    for name, unit, moment, what in (("rss", MIB, 8, "RSS, MiB"), ("descriptors", 1, 16, "open files"),
                                     ("journal_bytes", MIB, 32, "journal, MiB")):
        before, after = _second_and_last_quarter(rows, name)
        bound = 1.1 * before + moment * unit
        yield f"  second and last quarter: {what}", f"<= {bound / unit:.0f}", f"{before / unit:.0f}; {after / unit:.0f}", after <= bound
    before, after = _second_and_last_quarter(rows, "log_mb_per_cpu_second")
    yield "  second and last quarter: log MB per CPU second", f">= {0.9 * before:.0f}", f"{before:.0f}; {after:.0f}", after >= 0.9 * before


def _second_and_last_quarter(rows, name):
    """The means. In the first the journal fills."""
    quarter = -(-len(rows) // 4)
    return [sum(row[name] for row in part) / len(part) for part in (rows[quarter:2 * quarter], rows[-quarter:])]


def is_flat(figures):
    """But for the throughput, which is the machine's as well."""
    *sizes, _throughput = _soak(figures["seconds"], figures["steps"])
    return all(holds for *_, holds in sizes)

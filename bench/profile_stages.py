"""Where the loaded process's CPU seconds go, by stage: perf's samples, told apart by library and function.

Taken at the level under pressure, where the libraries only inflate. What the compiler inlined counts where it went.
"""
import contextlib
import re
import subprocess

import trials

# First match counts; against "LIBRARY FUNCTION".
STAGES = (
    ("inflate records", r"^libdeflate|^libisal\S* (?!crc32)"),
    ("compress lines", r"FastDeflate|BlockCodes|huffman|DynamicHeader|make_depths|^cistern .*with_\w+::parse"),
    ("base64", r"base64|decode_blocks|decode_block"),
    ("JSON", r"simdjson|[Ee]nvelope|Walk|backslash|escape|json|string_in_place|DeliveryParser|StringStops|^cistern .*by_avx"),
    ("lines and partitions", r"^cistern .*(Line|append_|write_decimal|Frame|KeyTemplate|partition)|memmove|memcpy"),
    ("checksums", r"crc32|XXH"),
    ("TLS, SHA-256", r"^lib(crypto|ssl)"),
    ("kernel: writing files", r"^\[kernel.*(folio|ext4|xfs|btrfs|jbd2|blk|bio|virtio|mpage|writeback|iov_iter|filemap|xa[s_]|nvme|scsi)"),
    ("kernel: memory", r"^\[kernel.*(clear_page|fault|zap|alloc|free|lru|mem_cgroup|charge|mm_|vma|pte|rmqueue|page)"),
    ("kernel: sockets", r"^\[kernel.*(tcp|skb|sock|_copy_to_iter|ip_|net|epoll|ep_|napi|softirq)"),
    ("kernel: other", r"^\[kernel"),
    ("allocator", r"malloc|_int_free|realloc|cfree"),
    ("everything else", r""),
)


def stage_of(library, function):
    return next(name for name, pattern in STAGES if re.search(pattern, f"{library} {function}"))


def taken(rig, seconds):
    """Shares and ns per log byte of each stage, and the ten functions with the most."""
    with recorded(rig, seconds, "-F", "1999") as (samples, row):
        return summary(samples, 1e3 / row["log_mb_per_cpu_second"])


@contextlib.contextmanager
def recorded(rig, seconds, *options):
    """perf's samples of the service loaded at the level under pressure, by perf record's `options`, and the load's figures."""
    with rig.service(trials.level("fastest")) as running:
        samples = running.folder / "perf.data"
        rig.load(running, (), ("--seconds", 2))
        recorder = subprocess.Popen(["perf", "record", "-q", *options, "-o", samples, "-p", str(running.process.pid)],
                                    stderr=subprocess.DEVNULL)
        row = rig.load(running, (), ("--seconds", seconds))
        recorder.terminate()
        recorder.wait()
        yield samples, row


def summary(samples, ns_per_log_byte):
    report = subprocess.run(["perf", "report", "-i", samples, "--no-children", "--sort", "dso,symbol", "-g", "none",
                             "--field-separator", "|", "--stdio"], capture_output=True, text=True, check=True).stdout
    stages, functions = {name: 0.0 for name, _ in STAGES}, {}
    for line in report.splitlines():
        fields = [field.strip() for field in line.split("|")]
        if len(fields) < 3 or line.startswith("#"):
            continue
        share, library = float(fields[0].rstrip("%")) / 100, fields[1]
        function = re.sub(r"^\[[.k]\] ", "", fields[2])
        stages[stage_of(library, function)] += share
        # A library without symbols is one function.
        name = library.split(".so")[0] if function.startswith("0x") else function
        functions[name] = functions.get(name, 0) + share
    return {"ns_per_log_byte": ns_per_log_byte, "stages": stages,
            "top": dict(sorted(functions.items(), key=lambda each: -each[1])[:10])}


def text(profile):
    lines = [f"{'stage':28} {'share':>7} {'ns/log byte':>12}"]
    for name, share in profile["stages"].items():
        lines.append(f"{name:28} {100 * share:6.1f}% {share * profile['ns_per_log_byte']:12.3f}")
    lines += ["", "the ten functions with the most:"]
    lines += [f"{100 * share:6.1f}%  {name}" for name, share in profile["top"].items()]
    return "\n".join(lines)

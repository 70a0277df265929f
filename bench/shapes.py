"""The shapes of load: options of bench-feed, and settings of the service where a shape needs them.

`quick` bounds are for the smoke; the full form takes each for some seconds.
"""

HOUR_PARTITIONS = {"partition": {"key": "{yyyy}/{mm}/{dd}/{hh}/{attribute:part}/"}}

# name: (options, settings, deliveries of the quick form)
SHAPES = {
    "8 000 events": ((), {}, 8),
    "body of 1 event": (("--events", 1, "--records", 1, "--distinct", 64), {}, 300),
    "body of 1 MiB": (("--events", 500, "--records", 10_000, "--size", "1MiB"), {}, 4),
    "body of 64 MiB": (("--events", 10_000, "--records", 10_000, "--size", "64MiB", "--lines", "noise", "--distinct", 1,
                        "--connections", 2), {}, 1),
    "records of 1 event": (("--events", 1, "--records", 8_000), {}, 2),
    "records of 10 000 events": (("--events", 10_000, "--records", 1), {}, 4),
    "JSON messages": (("--lines", "json"), {}, 4),
    "stack traces": (("--lines", "traces"), {}, 4),
    "tiny lines": (("--lines", "tiny"), {}, 4),
    "incompressible": (("--lines", "noise", "--records", 20), {}, 4),
    "1 connection": (("--connections", 1), {}, 4),
    "200 connections": (("--connections", 200, "--records", 2), {}, 400),
    "gzip bodies": (("--gzip",), {}, 8),
    "all late": (("--late", 1), {}, 4),
    "24 open hours": (("--hours", 24), {}, 4),
    "1 000 partitions": (("--partitions", 1_000, "--events", 200, "--records", 1), HOUR_PARTITIONS, 1_000),
    "control messages": (("--control", 1), {}, 20),
    "duplicates": (("--duplicates", "--distinct", 4), {}, 40),
}


def of(name, quick):
    """Options, amount and settings of a shape; the quick form is bounded by deliveries, the full one by time."""
    options, settings, deliveries = SHAPES[name]
    return options, ("--count", deliveries) if quick else ("--seconds", 4), settings

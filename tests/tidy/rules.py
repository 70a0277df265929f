"""Rules that the compiler does not know: who may include whom, and what is touched in one place only.

Each rule takes a tree (path -> text) and yields findings "path:line: what is wrong". Comments and string
literals are blanked before code is looked at, so that a word in a sentence is no offence.
"""

import re

from tree import code_files

OURS = ("server", "handlers", "pipeline")

# 1. Folders: what each may include of ours.
MAY_INCLUDE = {"server": OURS, "handlers": ("handlers", "pipeline"), "pipeline": ("pipeline",)}

# 2. Stages in the order that a delivery takes. A stage never includes one above it. journal.h is the exception
# that the design names: "stored" flows back to it.
STAGES = ("record_decoder", "frame_builder", "journal", "partition", "uploader")
FLOWS_BACK = {"pipeline/journal/journal.h"}

# 3. Files that may do what others may not.
STREAM_FILES = {"server/tls_transport.cc", "pipeline/store/https_client.cc"}
ENVIRONMENT_FILES = {"server/config.cc", "server/send/send_options.cc"}
CLOCK_FILES = {"server/io_clock.cc"}
TIMER_FILES = {"pipeline/store/https_client.cc"}  # and server/: deadlines belong to sockets

STREAMS = re.compile(
    r"<boost/(asio/ssl\.hpp|asio/ssl/.*"
    r"|beast\.hpp|beast/core\.hpp|beast/ssl\.hpp|beast/ssl/.*|beast/websocket.*|beast/http\.hpp"
    r"|beast/core/(tcp_stream|basic_stream|flat_stream|buffered_read_stream|detect_ssl)\.hpp"
    r"|beast/http/(read|write)\.hpp)>")
ENVIRONMENT = re.compile(r"\b(secure_)?getenv\s*\(|\b(__)?environ\b|\bsetenv\s*\(|\bputenv\s*\(")
CLOCKS = re.compile(
    r"\b(system_clock|steady_clock|high_resolution_clock|clock_gettime|gettimeofday|timespec_get|utc_clock)\b"
    r"|(?<![\w.:>])(?:std::|::)?time\s*\(\s*(NULL|nullptr|0|&\w+)\s*\)")
TIMERS = re.compile(r"\b(steady_timer|system_timer|high_resolution_timer|basic_waitable_timer)\b"
                    r"|<boost/asio/(steady_timer|system_timer|high_resolution_timer)\.hpp>")
THROW = re.compile(r"\bthrow\b(?! std::bad_alloc\(\))")  # as `new` does
FORBIDDEN_WORDS = re.compile(r"(?i)(?:^|_)(?:utils?|helpers?|managers?)(?:$|_)")
IDENTIFIER = re.compile(r"\b[A-Za-z_]\w*\b")
OUTSIDE = re.compile("(?<![\\w.])/wor" + "k/|\\.\\./shar" + "ed|\\.libra" + "ry/")
MAX_LINES = 400
MAX_TEST_LINES = 600  # tables of cases

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"][^>"]+[>"])', re.M)
NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\s\\]*)\(.*?\)(?P=tag)"|"(?:[^"\\\n]|\\.)*"|(?<![0-9A-Fa-f])\'(?:[^\'\\\n]|\\.)*\'',
    re.S)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def blank_non_code(text):
    """The text with comments and literals replaced by spaces; lines keep their numbers, includes their names."""

    def blank(match):
        start = text.rfind("\n", 0, match.start()) + 1
        if match.group().startswith('"') and re.match(r"\s*#\s*include\b", text[start:match.start()]):
            return match.group()
        return re.sub(r"[^\n]", " ", match.group())

    return NOT_CODE.sub(blank, text)


def includes(text):
    """(line, spelling) of each include, the spelling with its brackets or quotes."""
    for match in INCLUDE.finditer(blank_non_code(text)):
        yield line_of(text, match.start(1)), match.group(1)


def found(path, text, pattern, what):
    code = blank_non_code(text)
    for match in pattern.finditer(code):
        yield f"{path}:{line_of(code, match.start())}: {what}: {match.group().strip()}"


def folders_include_downward(tree):
    for path, text in code_files(tree, *OURS):
        for line, name in includes(text):
            target = name.strip('"')
            if not name.startswith('"'):
                continue
            if target.split("/")[0] not in MAY_INCLUDE[path.split("/")[0]]:
                yield f"{path}:{line}: {path.split('/')[0]}/ may not include {target}"
            elif target not in tree:
                yield f"{path}:{line}: no such file of ours: {target} (paths start at the repository's root)"


def stage_of(path):
    """A stage's place in the order, by its folder or its file's name: `partitions.cc` belongs to `partition`."""
    match = re.fullmatch(r"pipeline/(?:(\w+)/)?(\w+)\.(h|cc)", path)
    if not match or match.group(2) == "partition_key":
        return None
    for place, stage in enumerate(STAGES):
        if match.group(1) == stage or re.fullmatch(f"{stage}s?(_.*)?", match.group(2)):
            return place
    return None


def stages_include_downstream(tree):
    for path, text in code_files(tree, "pipeline"):
        here = stage_of(path)
        for line, name in includes(text):
            there = stage_of(name.strip('"'))
            if None in (here, there) or name.strip('"') in FLOWS_BACK:
                continue
            if there < here:
                yield f"{path}:{line}: the stage {STAGES[here]} may not include {name}, which feeds it"


def store_is_seen_through_its_interface(tree):
    for path, text in code_files(tree, "pipeline"):
        for line, name in includes(text):
            target = name.strip('"')
            if path.startswith("pipeline/store/") or target == "pipeline/store/object_store.h":
                continue
            if target.startswith("pipeline/store/"):
                yield f"{path}:{line}: stages see the store through pipeline/store/object_store.h only"


def stores_know_no_stage(tree):
    for path, text in code_files(tree, "pipeline"):
        for line, name in includes(text):
            if path.startswith("pipeline/store/") and stage_of(name.strip('"')) is not None:
                yield f"{path}:{line}: a store may not include the stage {name}"


def streams_in_two_files(tree):
    for path, text in code_files(tree, *OURS):
        for line, name in includes(text):
            if path not in STREAM_FILES and STREAMS.match(name):
                yield f"{path}:{line}: Beast streams and TLS belong to {' and '.join(sorted(STREAM_FILES))}: {name}"


def environment_in_config(tree):
    for path, text in code_files(tree, *OURS):
        if path not in ENVIRONMENT_FILES:
            yield from found(path, text, ENVIRONMENT, "the environment is read in server/config.cc only")


def clocks_in_one_place(tree):
    for path, text in code_files(tree, *OURS):
        if path not in CLOCK_FILES:
            yield from found(path, text, CLOCKS, "time comes through pipeline/clock.h only")
        if path not in TIMER_FILES and not path.startswith("server/"):
            yield from found(path, text, TIMERS, "timers are pipeline/clock.h's after_ms")


def no_throw_below_the_server(tree):
    for path, text in code_files(tree, "handlers", "pipeline"):
        yield from found(path, text, THROW, "errors are Result<T> here")


def files_are_short(tree):
    for path, text in tree.items():
        limit = MAX_LINES if path.split("/")[0] in OURS else MAX_TEST_LINES
        if path.endswith((".h", ".cc", ".py")) and text.count("\n") >= limit:
            yield f"{path}:{limit}: {text.count(chr(10))} lines; split it by its responsibilities"


def names_say_what_things_are(tree):
    for path, text in code_files(tree):
        stem = path.split("/")[-1].split(".")[0]
        if FORBIDDEN_WORDS.search(stem):
            yield f"{path}:1: a file's name says what it is: not {stem}"
        code = blank_non_code(INCLUDE.sub("", text))
        for match in IDENTIFIER.finditer(code):
            words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", match.group())
            if FORBIDDEN_WORDS.search(words):
                yield f"{path}:{line_of(code, match.start())}: a name says what a thing is: not {match.group()}"


def nothing_outside_is_named(tree):
    for path, text in tree.items():
        for match in OUTSIDE.finditer(text):
            yield f"{path}:{line_of(text, match.start())}: the repository stands alone: {match.group()}"


ALL = (folders_include_downward, stages_include_downstream, store_is_seen_through_its_interface,
       stores_know_no_stage, streams_in_two_files, environment_in_config, clocks_in_one_place,
       no_throw_below_the_server, files_are_short, names_say_what_things_are, nothing_outside_is_named)

"""perf's samples with their call chains -> a flame graph as one SVG: a box a function, as wide as its share of the CPU
time, above the one that called it. Of what is not ours (Asio, the kernel, libraries) the first and the last function
are shown. ISA-L's assembler tells no callers: its boxes stand beside the others.
"""
import html
import re
import subprocess

import profile_stages

WIDTH, ROW, LEAST_SHARE = 1200, 16, 0.001
OURS = re.compile(r"^cistern::")
RECORD = ("-F", "499", "--call-graph", "dwarf,16384")
COLOURS = {"ours": "#e8743b", "kernel": "#7aa6c2", "compressing": "#c9a227", "crypto": "#8f6bb3", "others": "#b5b5b5"}


class Box:
    def __init__(self, kind):
        self.kind, self.count, self.above = kind, 0, {}


def kind_of(function, library):
    if "kernel" in library:
        return "kernel"
    if OURS.match(function):
        return "ours"
    if re.search(r"libisal|libdeflate", library):
        return "compressing"
    return "crypto" if re.search(r"libcrypto|libssl", library) else "others"


def plain(function, library):
    """Without arguments, template arguments and what the compiler appended; a library without symbols is its name."""
    if function == "[unknown]":
        return re.sub(r"\.so.*", "", library.rsplit("/", 1)[-1])
    function = function.removeprefix("non-virtual thunk to ").replace("(anonymous namespace)::", "")
    function = re.sub(r"operator(<<|>>|<=>|<|>|\(\))", "operator", function)
    for pattern in (r"<[^<>]*>", r"\([^()]*\)"):
        while (shorter := re.sub(pattern, "", function)) != function:
            function = shorter
    return re.sub(r"( \[clone.*|\.(actor|constprop|isra|part|cold).*|\{.*)", "", function).split(" ")[-1].strip(":") or "?"


def stacks(samples):
    """Each sample's chain, outermost first, as (function, kind)."""
    script = subprocess.run(["perf", "script", "-i", samples, "--no-inline", "-F", "ip,sym,dso"], capture_output=True,
                            text=True, check=True, errors="replace").stdout
    for block in script.split("\n\n"):
        frames = []
        for line in block.splitlines():
            if found := re.match(r"\s*[0-9a-f]+ (.*) \((.*)\)$", line):
                name = plain(found[1], found[2])
                frames.append((name, kind_of(name, found[2])))
        if frames:
            yield readable(frames)


def readable(innermost_first):
    """Ours, and the innermost run of what ours called: its first and last function."""
    run = []
    for frame in innermost_first:
        if frame[1] == "ours":
            break
        run.append(frame)
    ours = [frame for frame in innermost_first if frame[1] == "ours"]
    seen = [run[-1], run[0]] if len(run) > 1 else run
    chain = ours[::-1] + [frame for frame in seen if frame[0] != "?"]
    return [frame for frame, before in zip(chain, [None, *chain]) if frame != before]


def tree(samples):
    root = Box("others")
    for chain in stacks(samples):
        box = root
        box.count += 1
        for function, kind in chain:
            box = box.above.setdefault(function, Box(kind))
            box.count += 1
    return root


def boxes(name, box, x, depth, total):
    share = box.count / total
    if share < LEAST_SHARE:
        return
    yield name, box.kind, x, depth, share
    for above, child in sorted(box.above.items()):
        yield from boxes(above, child, x, depth + 1, total)
        x += child.count / total


def draw(rig, seconds, path, commit):
    with profile_stages.recorded(rig, seconds, *RECORD) as (samples, _):
        path.write_text(picture(tree(samples), f"CPU time of the loaded service under pressure, by function; {commit}"))


def picture(root, title):
    drawn = list(boxes("the process", root, 0, 0, max(root.count, 1)))
    height = ROW * (max(depth for _, _, _, depth, _ in drawn) + 1) + 50
    parts = [f'<text x="8" y="20" font-size="14">{html.escape(title)}; {root.count} samples</text>']
    for name, kind, x, depth, share in drawn:
        left, width, y = x * WIDTH, share * WIDTH, height - ROW * (depth + 1) - 4
        parts.append(f'<g><title>{html.escape(name)} {100 * share:.1f} %</title><rect x="{left:.1f}" y="{y}" '
                     f'width="{width:.1f}" height="{ROW - 1}" fill="{COLOURS[kind]}" stroke="#fff" stroke-width=".4"/>')
        short = name.removeprefix("cistern::")[:int(width / 7)]
        parts.append((f'<text x="{left + 3:.1f}" y="{y + 11.5}">{html.escape(short)}</text>' if len(short) > 2 else "") + "</g>")
    for number, (name, colour) in enumerate(COLOURS.items()):
        parts.append(f'<text x="{8 + 90 * number}" y="36" font-size="12" fill="{colour}">{name}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
            f'font-size="10"><rect width="{WIDTH}" height="{height}" fill="#fff"/>{"".join(parts)}</svg>\n')

"""history.jsonl -> one SVG for the README: above, the ratios of section one over the commits; below, where the CPU
seconds go, from the last run that has a profile."""
import html
import json

WIDTH, HEIGHT, LEFT, TOP, PLOT = 900, 490, 60, 40, 220
MOST = 1.1  # the share at the plot's upper edge
COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf",
           "#aec7e8", "#ffbb78", "#c7c7c7")
# Level, ratio, what it is called. Runs of before a ratio was taken have none.
SERIES = (("fastest", "limit_with_doors", "pressure, TLS and disk"), ("fastest", "limit", "pressure, in memory"),
          ("6", "limit", "default, in memory"))


def text(x, y, words, size=12, anchor="start"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}" fill="#333">'
            f"{html.escape(words)}</text>")


def height_of(share):
    return TOP + PLOT * (1 - min(share, MOST) / MOST)


def history(entries):
    runs = [entry for entry in entries if "limit" in entry.get("rows", {}) and entry["corpus"] == "generated"]
    parts = [text(LEFT, 22, "log MB per CPU second, as a share of what the limit does in the same minutes; goal 0.85", 14)]
    for share in (0, 0.25, 0.5, 0.75, 0.85, 1):
        y = height_of(share)
        goal = ' stroke-dasharray="5 4"' if share == 0.85 else ""
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 170}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ccc"{goal}/>')
        parts.append(text(LEFT - 8, y + 4, f"{share:g}", 11, "end"))
    step = (WIDTH - LEFT - 200) / max(len(runs) - 1, 1)
    lines = [[(LEFT + 20 + i * step, height_of(run["rows"]["limit"][level][against])) for i, run in enumerate(runs)
              if against in run["rows"]["limit"][level]] for level, against, _ in SERIES]
    for colour, points in zip(COLOURS, lines):
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
                     + " ".join(f"{x:.0f},{y:.0f}" for x, y in points) + '"/>')
        parts += [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="{colour}"/>' for x, y in points]
    parts += labels([(points[-1], colour, label) for points, colour, (*_, label) in zip(lines, COLOURS, SERIES) if points])
    for i, run in enumerate(runs):
        parts.append(text(LEFT + 20 + i * step, TOP + PLOT + 16, run["commit"][:7], 10, "middle"))
    return parts


def labels(ends):
    """Each beside the end of its line, below the one before it where they would meet."""
    parts, free = [], 0
    for (x, y), colour, label in sorted(ends, key=lambda end: end[0][1]):
        free = max(y + 4, free)
        parts.append(f'<circle cx="{x + 14:.0f}" cy="{free - 4:.0f}" r="4" fill="{colour}"/>' + text(x + 22, free, label, 12))
        free += 15
    return parts


def breakdown(profile, y):
    parts = [text(LEFT, y, f"where the CPU seconds go under pressure ({profile['ns_per_log_byte']:.2f} ns a log byte)", 14)]
    x, width = LEFT, WIDTH - LEFT - 20
    for number, (name, share) in enumerate(profile["stages"].items()):
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f'<rect x="{x:.1f}" y="{y + 12}" width="{share * width:.1f}" height="36" fill="{colour}"/>')
        x += share * width
        column, row = divmod(number, 5)
        left, base = LEFT + 270 * column, y + 72 + 18 * row
        parts.append(f'<rect x="{left}" y="{base - 10}" width="11" height="11" fill="{colour}"/>')
        parts.append(text(left + 18, base, f"{name}: {100 * share:.1f} %"))
    return parts


def draw(source, target):
    entries = [json.loads(line) for line in open(source)]
    profiles = [entry["profile"] for entry in entries if "profile" in entry]
    parts = history(entries) + (breakdown(profiles[-1], TOP + PLOT + 60) if profiles else [])
    with open(target, "w") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">\n'
                   f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")

"""The plot: CPU per packet and the longest gap against the number of calls, for each case,
as one SVG that reads on light and dark paper."""
import math

from . import table

WIDE, HIGH, LEFT, TOP, BETWEEN = 400, 230, 70, 74, 92
SERIES = [("svi", "svi", "o"), ("asterisk", "Asterisk", "s"), ("floor", "floor", "-")]
COLOURS = {"svi": ("#0b62c4", "#6cb2ff"), "asterisk": ("#c2500a", "#ffa057"), "floor": ("#5d6470", "#aab2bd")}


def colours(dark):
    return "".join(f".{name} .line, .{name} .broken {{ stroke: {pair[dark]} }} .{name} .dot {{ fill: {pair[dark]} }} "
                   for name, pair in COLOURS.items())


STYLE = f"""
  .paper {{ fill: #ffffff }} .frame {{ fill: none; stroke: #8a8a8a }} .grid {{ stroke: #e2e2e2 }}
  text {{ fill: #1c1c1c; font: 12px sans-serif }} .title {{ font-size: 15px; font-weight: bold }}
  .line {{ fill: none; stroke-width: 2 }} .broken {{ fill: none; stroke-width: 1.5 }} .floor .line {{ stroke-dasharray: 6 4 }}
  .limit {{ stroke: #b3261e; stroke-dasharray: 2 3 }}
  {colours(0)}
  @media (prefers-color-scheme: dark) {{
    .paper {{ fill: #14171c }} .frame {{ stroke: #7d8590 }} .grid {{ stroke: #2c323b }} text {{ fill: #e8eaed }} .limit {{ stroke: #ff8a80 }}
    {colours(1)}
  }}
"""


class Axis:
    """Values to pixels, linear or logarithmic, with its ticks."""

    def __init__(self, low, high, start, length, ticks, log=False):
        self.log = math.log10 if log else float
        self.low, self.high, self.start, self.length = self.log(low), self.log(high), start, length
        self.ticks = [t for t in ticks if low <= t <= high]

    def at(self, value):
        share = (self.log(value) - self.low) / ((self.high - self.low) or 1)
        return self.start + self.length * min(1, max(0, share))


def nice(high):
    """Ticks from 0 on, about five."""
    step = 10 ** math.floor(math.log10(high / 4))
    step *= next(m for m in (1, 2, 5, 10) if high / (step * m) <= 6)
    return [round(step * n, 6) for n in range(int(high / step) + 2)]


def points(rows, case, server, name):
    """(calls, value, whether quality held) of one program, or of the floor beneath it."""
    ns = sorted({r["n"] for r in rows if r["case"] == case and r["server"] in ("svi", "asterisk")})
    found = []
    for n in ns:
        row = table.floor_of(rows, case, n) if server == "floor" else table.best(rows, server, case, n)
        if server == "floor" and row and row["n"] != n * table.STREAMS.get(case, 1):
            continue
        if row and row.get(name) is not None:
            found.append((n, row[name], not row.get("faults")))
    return found


def panel(rows, case, name, origin, label, log):
    """One panel's elements."""
    x0, y0 = origin
    series = [(s, points(rows, case, s, name)) for s, _, _ in SERIES if not (s == "floor" and name == "max_gap_ms")]
    every = [p for _, ps in series for p in ps]
    if not every:
        return []
    ns = sorted({p[0] for p in every})
    x = Axis(ns[0] / 1.15, ns[-1] * 1.15, x0, WIDE, ns, log=True)
    top = max(p[1] for p in every)
    if log:
        y = Axis(10, max(200, top * 1.2), y0 + HIGH, -HIGH, [10, 20, 40, 60, 100, 200, 500, 1000, 2000, 5000], log=True)
    else:
        ticks = nice(top)
        y = Axis(0, ticks[-1], y0 + HIGH, -HIGH, ticks)
    out = [f'<rect class="frame" x="{x0}" y="{y0}" width="{WIDE}" height="{HIGH}"/>']
    last = -99
    for tick in x.ticks:
        px = x.at(tick)
        out.append(f'<line class="grid" x1="{px:.1f}" x2="{px:.1f}" y1="{y0}" y2="{y0 + HIGH}"/>')
        if px - last > 34:
            out.append(f'<text x="{px:.1f}" y="{y0 + HIGH + 17}" text-anchor="middle">{tick}</text>')
            last = px
    for tick in y.ticks:
        py = y.at(tick)
        out.append(f'<line class="grid" x1="{x0}" x2="{x0 + WIDE}" y1="{py:.1f}" y2="{py:.1f}"/>')
        out.append(f'<text x="{x0 - 7}" y="{py + 4:.1f}" text-anchor="end">{tick:g}</text>')
    out.append(f'<text x="{x0 + WIDE / 2}" y="{y0 + HIGH + 35}" text-anchor="middle">calls at once</text>')
    out.append(f'<text transform="translate({x0 - 46} {y0 + HIGH / 2}) rotate(-90)" text-anchor="middle">{label}</text>')
    if name == "max_gap_ms":
        py = y.at(60)
        out.append(f'<line class="limit" x1="{x0}" x2="{x0 + WIDE}" y1="{py:.1f}" y2="{py:.1f}"/>')
        out.append(f'<text x="{x0 + 6}" y="{py - 5:.1f}">60 ms: heard</text>')
    for server, found in series:
        mark = next(m for s, _, m in SERIES if s == server)
        path = " ".join(f"{x.at(n):.1f},{y.at(v):.1f}" for n, v, _ in found)
        out.append(f'<g class="{server}"><polyline class="line" points="{path}"/>')
        out += [dot(x.at(n), y.at(v), mark, good) for n, v, good in found if mark != "-"]
        out.append("</g>")
    return out


def dot(px, py, mark, good):
    """Filled where quality held, a cross where it broke."""
    if not good:
        return f'<path class="broken" d="M{px - 5:.1f} {py - 5:.1f}l10 10m0 -10l-10 10"/>'
    if mark == "o":
        return f'<circle class="dot" cx="{px:.1f}" cy="{py:.1f}" r="4"/>'
    return f'<rect class="dot" x="{px - 4:.1f}" y="{py - 4:.1f}" width="8" height="8"/>'


def legend(y):
    out, x = [], LEFT
    for server, text, mark in SERIES:
        out.append(f'<g class="{server}"><line class="line" x1="{x}" x2="{x + 28}" y1="{y}" y2="{y}"/>')
        if mark != "-":
            out.append(dot(x + 14, y, mark, True))
        out.append(f'</g><text x="{x + 34}" y="{y + 4}">{text}</text>')
        x += 60 + 8 * len(text) + 20
    out.append(f'<g class="floor">{dot(x + 8, y, "o", False)}</g><text x="{x + 20}" y="{y + 4}">quality broke</text>')
    return out


def write(result, path):
    """Draws it; the path, or why there is none."""
    rows = result["rows"]
    shown = [case for case in table.FLOOR_OF if any(r["case"] == case and r.get("us_per_packet") for r in rows if r["server"] != "floor")]
    if not shown:
        return "no plot (no ladder was run)"
    wide = 2 * (LEFT + WIDE) + 40
    high = TOP + len(shown) * (HIGH + BETWEEN)
    facts = result["facts"]
    note = f"{facts['cpu']}, Linux {facts['kernel']}, commit {facts['commit']}, {result['when'][:10]}"
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img">',
           f"<title>CPU per packet and longest gap against the number of calls ({note})</title>", f"<style>{STYLE}</style>",
           f'<rect class="paper" width="{wide}" height="{high}"/>']
    out += legend(22)
    out.append(f'<text x="{wide / 2}" y="{high - 10}" text-anchor="middle">{note}</text>')
    for n, case in enumerate(shown):
        y = TOP + n * (HIGH + BETWEEN)
        out.append(f'<text class="title" x="{LEFT}" y="{y - 12}">{case}</text>')
        out += panel(rows, case, "us_per_packet", (LEFT, y), "CPU, µs per packet", False)
        out += panel(rows, case, "max_gap_ms", (2 * LEFT + WIDE, y), "longest gap, ms", True)
    with open(path, "w") as f:
        f.write("\n".join(out + ["</svg>\n"]))
    return path

"""The targets, each with what was asked for and what one run has measured."""
from . import table


def good(rows, server, case):
    """The steps of a ladder that kept their quality."""
    ns = sorted({r["n"] for r in rows if r["server"] == server and r["case"] == case})
    found = [table.best(rows, server, case, n) for n in ns]
    return [r for r in found if r and not r.get("faults") and r.get("us_per_packet")]


def only(rows, server, case):
    """The last measurement of a case that has one."""
    return next((r for r in reversed(rows) if r["server"] == server and r["case"] == case), None)


def judged(value, bound, most=True):
    if value is None:
        return "not measured"
    return "yes" if (value <= bound if most else value >= bound) else "**no**"


class Verdicts:
    """Lines of the table."""

    def __init__(self):
        self.lines = []

    def add(self, what, asked, value, said, bound, most=True):
        self.lines.append(f"| {what} | {asked} | {said if value is not None else ''} | {judged(value, bound, most)} |")

    def flag(self, what, asked, row, said):
        """A case that has faults or none."""
        verdict = "not measured" if row is None else "yes" if not row["faults"] else "**no**: " + "; ".join(row["faults"])
        self.lines.append(f"| {what} | {asked} | {said(row) if row and 'error' not in row['figures'] else ''} | {verdict} |")


def of(result):
    """The table in Markdown."""
    rows, out = result["rows"], Verdicts()
    floors(rows, out)
    peers(rows, result.get("edges", []), out)
    memory(rows, out)
    signalling(rows, out)
    return "\n".join(["| target | asked | measured | reached |", "| --- | --- | --- | --- |"] + out.lines)


def floors(rows, out):
    """CPU per packet against the loop that does the same work, from 200 calls on: below, what
    is counted is mostly the clock's waking."""
    for case, what in (("play", "played packet ÷ `send`"), ("play-in", "the same with callers' packets ÷ `send` and `recv`"),
                       ("queue", "music and rank ÷ `send`"), ("bridge", "bridged packet ÷ `recv` and `send`")):
        ratios = []
        for r in good(rows, "svi", case):
            floor = table.floor_of(rows, case, r["n"])
            if floor and r["n"] >= 200 and floor["n"] == r["n"] * table.STREAMS.get(case, 1):
                ratios.append((r["us_per_packet"] / floor["us_per_packet"], r["n"]))
        worst = max(ratios, default=(None, None))
        many = ", ".join(f"{ratio:.2f} at {n}" for ratio, n in ratios)
        out.add(f"CPU per {what}", "≤ 1.3", worst[0], many, 1.3)


def common(rows, case):
    """Both programs at the largest number at which both kept their quality."""
    svi, peer = ({r["n"]: r for r in good(rows, server, case)} for server in ("svi", "asterisk"))
    both = sorted(set(svi) & set(peer))
    return (svi[both[-1]], peer[both[-1]]) if both else None


def peers(rows, edges, out):
    for case, what, least in (("play", "played", 4.5), ("bridge", "bridged", 3.5)):
        pair = common(rows, case)
        ratio = pair and pair[1]["us_per_packet"] / pair[0]["us_per_packet"]
        said = pair and f"{pair[1]['us_per_packet']:.2f} ÷ {pair[0]['us_per_packet']:.2f} = {ratio:.2f} at {pair[0]['n']}"
        out.add(f"CPU per {what} packet, Asterisk's ÷ ours", f"≥ {least}", ratio, said, least, most=False)
    # Where the peer was not brought to its edge, there is nothing to compare with.
    by = {(e["server"], e["case"]): e["edge"] for e in edges if e["broke_at"] or e["server"] == "svi"}
    for case in ("play", "queue", "play-in", "bridge"):
        ours, theirs = by.get(("svi", case)), by.get(("asterisk", case))
        ratio = ours / theirs if ours and theirs else None
        out.add(f"callers at once with quality, {case}, ours ÷ Asterisk's", "≥ 7" if case == "play" else "as many as can be", ratio,
                ratio and f"{ours} ÷ {theirs} = {ratio:.1f}", 7 if case == "play" else 1, most=False)
    relay = next((r for r in good(rows, "svi", "bridge") if r["n"] == 500), None)
    p99 = relay and relay.get("relay_p99_ms")
    out.add("latency added by a bridge, p99, at 500 calls", "< 3 ms", p99, p99 and f"{p99:.2f} ms", 3)


def memory(rows, out):
    ours, theirs = only(rows, "svi", "memory"), only(rows, "asterisk", "memory")
    own, peer = (r and r.get("kib_per_call") for r in (ours, theirs))
    out.add("memory of a waiting call", "< 14 KiB", own, own and f"{own:.1f} KiB with {ours['answered']}", 14)
    out.add("the same, ours ÷ Asterisk's", "≤ 0.1", own and peer and own / peer, own and peer and f"{own:.1f} ÷ {peer:.1f} = {own / peer:.3f}", 0.1)
    ours, theirs = only(rows, "svi", "idle"), only(rows, "asterisk", "idle")
    own, peer = (r and r["resident_mib"] for r in (ours, theirs))
    out.add("memory at rest", "< 20 MiB", own, own and f"{own:.1f} MiB", 20)
    out.add("the same, ours ÷ Asterisk's", "≤ 0.25", own and peer and own / peer, own and peer and f"{own:.1f} ÷ {peer:.1f} = {own / peer:.2f}", 0.25)
    start = ours and ours["start_worst_ms"]
    out.add("from exec to the first 200 OK, worst of five", "≤ 50 ms", start, start and f"{start:.0f} ms", 50)
    out.flag("memory after 50 000 short calls", "as before", only(rows, "svi", "churn"),
             lambda r: f"{r['before_mib']:.1f} → {r['after_mib']:.1f} MiB")


def signalling(rows, out):
    svi, peer = ({r["n"]: r for r in rows if r["server"] == server and r["case"] == "cps" and not r["faults"]} for server in ("svi", "asterisk"))
    both = sorted(set(svi) & set(peer))
    n = both[-1] if both else None
    ratio = n and peer[n]["us_per_call"] / svi[n]["us_per_call"]
    said = n and f"{peer[n]['us_per_call']:.0f} ÷ {svi[n]['us_per_call']:.0f} µs = {ratio:.1f} at {n} a second"
    out.add("CPU per short call, Asterisk's ÷ ours", "≥ 5", ratio, said, 5, most=False)
    most = max(svi, default=None)
    out.add("short calls a second on one core without failure or retransmission", "more than the peer", most,
            most and f"{most} (Asterisk {max(peer, default=0)})", max(peer, default=0), most=False)
    out.flag("500 INVITEs in 100 ms", "answered, none lost", only(rows, "svi", "burst"),
             lambda r: f"{r['answered']} answered, p99 {r['setup_p99_ms']:.0f} ms, {r['retransmitted']} retransmissions")
    out.flag("a full service", "503 with Retry-After at once, perfect audio", only(rows, "svi", "full"),
             lambda r: f"{r['refused_503']} of {r['refused']} knocks refused, p99 {r['refusal_p99_ms']:.1f} ms; "
             f"{r['max_gap_ms']:.0f} ms longest gap, {r['lost']} lost")
    out.flag("1 000 calls with keys, holds and hang-ups for 30 minutes", "memory flat, no gap over 60 ms", only(rows, "svi", "soak"),
             lambda r: f"{r['answered']} calls; {r['before_mib']:.1f} → {r['after_mib']:.1f} MiB; {r['max_gap_ms']:.0f} ms longest gap, {r['lost']} lost")

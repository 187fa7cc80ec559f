"""The figures as tables: on the terminal while they come, and in Markdown."""

FLOOR_OF = {"play": "send", "queue": "send", "play-in": "send-recv", "ivr": "send-recv", "bridge": "relay"}
STREAMS = {"bridge": 2}


def short(row):
    """One line about one measurement."""
    head = f"{row['server']:>8} {row['case']:<8}" + (f"{row['n']:>6}" if "n" in row else "")
    figures = []
    for name, unit, form in COLUMNS:
        if row.get(name) is not None:
            figures.append(f"{format(row[name] * (100 if name == 'cores' else 1), form)} {unit}".rstrip())
    text = head + "  " + ", ".join(figures)
    if row.get("faults"):
        text += "  BROKEN: " + "; ".join(row["faults"])
    if row.get("judge"):
        text += "  (judge: " + "; ".join(row["judge"]) + ")"
    return text


COLUMNS = [
    ("start_ms", "ms to the first 200 OK", ".0f"), ("resident_mib", "MiB", ".1f"), ("idle_cpu_pct", "% CPU idle", ".2f"),
    ("us_per_packet", "µs/packet", ".2f"), ("us_per_call", "µs/call", ".0f"), ("cores", "% of a core", ".1f"),
    ("max_gap_ms", "ms longest gap", ".1f"), ("jitter_ms", "ms jitter", ".3f"), ("lost", "lost", "d"),
    ("relay_p99_ms", "ms relay p99", ".2f"), ("setup_p99_ms", "ms to 200 OK p99", ".1f"),
    ("retransmitted", "retransmitted", "d"), ("failed", "failed", "d"), ("kib_per_call", "KiB/call", ".1f"),
]


def floor_of(rows, case, n):
    """The floor that does the same work for as many streams, or the nearest number of them."""
    mode, streams = FLOOR_OF.get(case), n * STREAMS.get(case, 1)
    floors = [r for r in rows if r["server"] == "floor" and r["case"] == mode and r.get("us_per_packet")]
    floors = [r for r in floors if (r.get("cores") or 0) < 0.97] or floors
    return min(floors, key=lambda r: abs(r["n"] - streams), default=None)


def best(rows, server, case, n):
    """The measurement of this step; of several, the one in the middle by its longest gap."""
    same = [r for r in rows if (r["server"], r["case"], r.get("n")) == (server, case, n)]
    same.sort(key=lambda r: r.get("max_gap_ms") or 0)
    return same[len(same) // 2] if same else None


def passes(rows, server, case, n):
    same = [r for r in rows if (r["server"], r["case"], r.get("n")) == (server, case, n)]
    return f"{sum(not r.get('faults') for r in same)}/{len(same)}" if same else ""


def cell(value, form):
    return "" if value is None else format(value, form)


def ratio(a, b):
    return "" if not a or not b else f"{a / b:.2f}"


def ladder(rows, case):
    """Both programs side by side, one line a step."""
    servers = [s for s in ("svi", "asterisk") if any(r["server"] == s and r["case"] == case for r in rows)]
    ns = sorted({r["n"] for r in rows if r["case"] == case and r["server"] in servers})
    if not ns:
        return ""
    own = ["µs/packet", "÷ floor", "% core", "longest gap ms", "jitter ms", "lost", "KiB/call", "threads/files", "passes"]
    if case == "bridge":
        own.insert(5, "relay p99 ms")
    head = ["calls", f"floor µs ({FLOOR_OF[case]})"] + [f"{s} {c}" for s in servers for c in own]
    if len(servers) == 2:
        head.append("asterisk ÷ svi")
    out = ["| " + " | ".join(head) + " |", "| " + " | ".join("---:" for _ in head) + " |"]
    for n in ns:
        floor = floor_of(rows, case, n)
        least = floor and floor["us_per_packet"]
        cells, costs = [str(n), cell(least, ".2f")], []
        for server in servers:
            r = best(rows, server, case, n) or {}
            costs.append(r.get("us_per_packet"))
            more = [cell(r.get("us_per_packet"), ".2f"), ratio(r.get("us_per_packet"), least),
                    cell(r.get("cores") and 100 * r["cores"], ".0f"), cell(r.get("max_gap_ms"), ".1f"), cell(r.get("jitter_ms"), ".2f"),
                    cell(r.get("lost"), "d"), cell(r.get("kib_per_call"), ".1f"),
                    f"{r['threads']}/{r['files']}" if "threads" in r else "", passes(rows, server, case, n)]
            if case == "bridge":
                more.insert(5, cell(r.get("relay_p99_ms"), ".2f"))
            cells += more
        if len(servers) == 2:
            cells.append(ratio(costs[1], costs[0]))
        out.append("| " + " | ".join(cells) + " |")
    return "\n".join(out)


def listed(rows, cases, columns):
    """A plain table of these cases: program, then columns (name, heading, form)."""
    rows = [r for r in rows if r["case"] in cases]
    if not rows:
        return ""
    columns = [c for c in columns if any(r.get(c[0]) is not None for r in rows)]
    head = ["program", "case"] + [c[1] for c in columns] + ["faults"]
    out = ["| " + " | ".join(head) + " |", "| --- | --- | " + " | ".join("---:" for _ in columns) + " | --- |"]
    for r in rows:
        cells = [r["server"], r["case"]] + [cell(r.get(name), form) for name, _, form in columns]
        out.append("| " + " | ".join(cells + ["; ".join(r.get("faults", []))]) + " |")
    return "\n".join(out)


def edges(edges_):
    if not edges_:
        return ""
    out = ["| program | case | most calls with quality | broke at |", "| --- | --- | ---: | ---: |"]
    out += [f"| {e['server']} | {e['case']} | {e['edge']} | {e['broke_at'] or 'not reached'} |" for e in edges_]
    by = {(e["server"], e["case"]): e["edge"] for e in edges_}
    for case in dict.fromkeys(e["case"] for e in edges_):
        if by.get(("svi", case)) and by.get(("asterisk", case)):
            out.append(f"| svi ÷ asterisk | {case} | {by['svi', case] / by['asterisk', case]:.1f} | |")
    return "\n".join(out)


def markdown(result):
    """Everything of one run."""
    rows, facts = result["rows"], result["facts"]
    parts = [
        f"{result['when']}, `{result['command']}`. " + ", ".join(f"{k} {v}" for k, v in result["versions"].items() if v)
        + f"; commit {facts['commit']}; {facts['cpu']}, {facts['cores']} cores, Linux {facts['kernel']}, {facts['system']}; "
        + f"server on core {result['server_cores'] or 'any'}, load on {result['load_cores'] or 'any'}.",
    ]

    def part(title, text):
        if text:
            parts.append(f"**{title}**\n\n{text}")
    number = [("n", "streams", "d"), ("us_per_packet", "µs/packet", ".2f"), ("cores", "cores", ".2f"),
              ("max_gap_ms", "longest gap ms", ".1f"), ("lost", "lost", "d")]
    part("The floor", listed([r for r in rows if r["server"] == "floor"], {r["case"] for r in rows if r["server"] == "floor"}, number))
    part("At rest", listed(rows, {"idle"}, [
        ("start_ms", "first 200 OK ms", ".0f"), ("start_worst_ms", "worst of 5 ms", ".0f"), ("first_mib", "MiB then", ".1f"),
        ("resident_mib", "MiB at rest", ".1f"), ("threads", "threads", "d"), ("idle_cpu_pct", "CPU %", ".2f")]))
    for case in FLOOR_OF:
        part(f"{case[0].upper()}{case[1:]}", ladder(rows, case))
    part("The edge", edges(result.get("edges", [])))
    part("Short calls", listed(rows, {"cps"}, SIGNALLING))
    part("A burst, a full service", listed(rows, {"burst", "full"}, SIGNALLING + [
        ("max_gap_ms", "longest gap ms", ".1f"), ("lost", "lost", "d"), ("refused", "further calls", "d"),
        ("refused_503", "of them 503 with Retry-After", "d"), ("refusal_p99_ms", "refused within ms p99", ".1f")]))
    part("Memory", listed(rows, {"memory", "churn", "soak"}, [
        ("n", "calls", "d"), ("kib_per_call", "KiB/call", ".1f"), ("before_mib", "MiB before", ".1f"), ("resident_mib", "MiB with them", ".1f"),
        ("after_mib", "MiB after", ".1f"), ("max_gap_ms", "longest gap ms", ".1f"), ("gaps", "gaps over 60 ms", "d"),
        ("gaps_machine", "of them the core's own", "d"), ("lost", "lost", "d")]))
    return "\n\n".join(parts) + "\n"


SIGNALLING = [
    ("n", "calls or a second", "d"), ("us_per_call", "µs/call", ".0f"), ("cores", "cores", ".2f"), ("answered", "answered", "d"),
    ("failed", "failed", "d"), ("retransmitted", "retransmitted", "d"), ("setup_p50_ms", "200 OK p50 ms", ".1f"),
    ("setup_p99_ms", "p99 ms", ".1f"), ("setup_max_ms", "worst ms", ".1f"), ("resident_mib", "MiB", ".1f"),
]

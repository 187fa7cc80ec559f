"""The cases: what is run against each server, and when quality has broken."""
import statistics
import subprocess
import time

from . import machine, tool

SPEECH_RATE = 50  # packets a second of one stream


class Case:
    """A ladder of numbers of callers under one kind of load."""

    def __init__(self, about, words, floor, per_call=1, most=None, rate=200, warm=3, steady=True):
        self.about, self.words, self.floor = about, words, floor
        self.per_call, self.most, self.rate, self.warm, self.steady = per_call, most, rate, warm, steady


# `floor` is the loop that does the same work; `per_call` its streams, and the peer's, for one call.
MEDIA = {
    "play": Case("a long prompt, over and over; callers only listen", ["--to", "100"], "send"),
    "play-in": Case("the same, callers send sound too", ["--to", "100", "--speak"], "send-recv"),
    "queue": Case("in the queue with music and rank; every 10 s the first one leaves and comes again",
                  ["--to", "210", "--life", "head"], "send", warm=6),
    "ivr": Case("a menu, a key after 1 to 4 s, the queue, gone after 12 to 18 s, and again; callers send sound",
                ["--to", "200", "--speak", "--life", "ivr"], "send-recv", rate=100, warm=20, steady=False),
    "bridge": Case("each caller with an agent, both send sound", ["--to", "300", "--speak"], "relay", per_call=2, most=2400, rate=100),
}
LADDER = [50, 200, 500, 1000, 2000, 3000, 4000, 4900]
RATES = [50, 100, 200, 400, 800, 1000, 1500, 2000, 3000, 4000, 6000]
GAP = 60.0    # ms: a pause that is heard
FULL = 0.97   # of a core


def media(args, server, name, n, log):
    """One step of a ladder: its figures."""
    case = MEDIA[name]
    rate = args.rate or case.rate
    warm = args.warm if args.warm is not None else case.warm
    seconds = max(args.seconds, 31) if name == "queue" and not args.quick else args.seconds
    words = ["calls", "-n", n, "--rate", rate, "--warm", warm, "--seconds", seconds] + case.words
    if name == "bridge":
        words += ["--agents", n + 1]
    one = server(args, log)
    try:
        one.start()
        settle(one.pid)
        figures = tool.run(args, words + ["--pid", one.pid], n / rate + warm + seconds + 140)
    finally:
        one.stop()
    return judged({"server": server.name, "case": name, "n": n, "figures": figures, "words": words}, case)


def settle(pid):
    """Waits until a server has loaded what it loads by itself, at most 10 s: what it needs
    for its calls is counted from there."""
    limit, was = time.monotonic() + 10, 0
    while time.monotonic() < limit:
        now = machine.status(pid)["VmRSS"]
        if abs(now - was) < 64:
            return
        was = now
        time.sleep(0.7)


def judged(row, case):
    """Adds what is derived from the figures, and why quality broke, if it did."""
    figures = row["figures"]
    faults = row["faults"] = []
    if "error" in figures:
        faults.append(figures["error"])
        return row
    rtp, used = figures["rtp"], figures["server"]
    packets = max(1, rtp["packets"])
    wanted = row["n"] * case.per_call * SPEECH_RATE
    row.update({
        "us_per_packet": round(used["cpu_s"] * 1e6 / packets, 3),
        "cores": used["cores"],
        "kib_per_call": round((used["resident_kib"] - figures["idle_kib"]) / row["n"], 1),
        "resident_mib": round(used["resident_kib"] / 1024, 1),
        "threads": used["threads"], "files": used["files"],
        "max_gap_ms": rtp["max_gap_ms"], "lost": rtp["lost"], "jitter_ms": rtp["jitter_mean_ms"], "pps": rtp["pps"],
        "relay_p99_ms": rtp["relay"].get("p99_ms"),
    })
    in_turn = 1 if row["case"] == "queue" else 0  # who has left and not come again yet
    if case.steady and figures["up"] < row["n"] - in_turn:
        faults.append(f"{figures['up']} of {row['n']} calls are up")
    if figures["calls"]["lost"] or figures["calls"]["refused"]:
        faults.append(f"{figures['calls']['lost']} calls unanswered, {figures['calls']['refused']} refused")
    if rtp["lost"]:
        faults.append(f"{rtp['lost']} packets lost")
    if rtp["max_gap_ms"] > GAP:
        faults.append(f"a gap of {rtp['max_gap_ms']:.0f} ms on {rtp['streams_over_60']} streams")
    if case.steady and rtp["silent"]:
        faults.append(f"{rtp['silent']} silent streams")
    if case.steady and rtp["pps"] < 0.99 * wanted:
        faults.append(f"{rtp['pps']:.0f} of {wanted} packets a second")
    if used["cores"] >= FULL:
        faults.append(f"{100 * used['cores']:.0f} % of a core")
    row["judge"] = judge_at_fault(figures)
    return row


def judge_at_fault(figures):
    """Why the judge itself may be to blame, if it may."""
    rtp, used = figures["rtp"], figures["server"]
    doubts = []
    if used["udp"].get("RcvbufErrors"):
        doubts.append(f"{used['udp']['RcvbufErrors']} datagrams found a full socket")
    if rtp["tool_late_ms"] > 20:
        doubts.append(f"the load tool was {rtp['tool_late_ms']:.0f} ms late")
    if used.get("steal_s", 0) > 0.2:
        doubts.append(f"the machine's host took {used['steal_s']} s")
    return doubts


def climb(args, server, name, ns, log, say):
    """The ladder until quality breaks; near the edge, repeats and steps between."""
    case = MEDIA[name]
    ns = [n for n in ns if not case.most or n <= case.most]
    rows, good, bad = [], 0, None

    def passes(n, sure=False):
        """Most of the tries keep quality; far from the edge a first good one is enough."""
        while True:
            faults = [row["faults"] for row in rows if row["n"] == n]
            tries, well = len(faults), sum(not f for f in faults)
            if (well == tries == 1 and not sure) or tries >= args.repeat or max(well, tries - well) * 2 > args.repeat:
                return well * 2 > tries
            row = media(args, server, name, n, log)
            rows.append(row)
            say(row)
    for n in ns:
        if passes(n):
            good = n
        else:
            bad = n
            break
    for _ in range(args.refine if bad else 0):
        step = 25 if bad - good <= 400 else 100
        between = (good + bad) // 2 // step * step
        if between <= good or between >= bad:
            break
        if passes(between):
            good = between
        else:
            bad = between
    while bad and good and not passes(good, sure=True):
        bad, good = good, max((row["n"] for row in rows if row["n"] < good and not row["faults"]), default=0)
    return rows, {"server": server.name, "case": name, "edge": good, "broke_at": bad}


def floor(args, mode, n):
    """The loop that does the same work, on the server's core."""
    # The judge begins and ends within what the loop sends.
    seconds = min(args.seconds, 8)
    speak = ["--speak"] if mode in ("send-recv", "relay", "relay-epoll") else []
    judge = tool.start(args, ["peer", "-n", n, "--warm", 1.5, "--seconds", seconds - 0.5] + speak)
    time.sleep(0.5)
    loop = machine.start([args.load, "floor", mode, "-n", str(n), "--seconds", str(seconds)],
                         machine.cores(args.server_cores), stdout=subprocess.PIPE, text=True)
    figures = tool.result(loop, args.seconds + 30)
    heard = tool.result(judge, args.seconds + 30)
    return {"server": "floor", "case": mode, "n": n, "figures": figures, "heard": heard,
            "us_per_packet": figures.get("us_per_packet"), "cores": figures.get("cores"),
            "max_gap_ms": heard.get("max_gap_ms"), "lost": heard.get("lost"), "pps": figures.get("pps")}


def idle(args, server, log):
    """Start-up, five times, and what it needs when nobody calls."""
    shipped, starts = server.name == "svi", []
    for _ in range(5):
        one = server(args, log)
        try:
            starts.append(round(one.start(shipped=shipped), 1))
            first = machine.status(one.pid)
            if len(starts) == 5:
                settle(one.pid)
                began, used = time.monotonic(), machine.cpu_seconds(one.pid)
                time.sleep(5)
                share = (machine.cpu_seconds(one.pid) - used) / (time.monotonic() - began)
                now = machine.status(one.pid)
        finally:
            one.stop()
    return {"server": server.name, "case": "idle", "start_ms": round(statistics.median(starts), 1), "start_worst_ms": max(starts),
            "starts_ms": starts, "first_mib": round(first["VmRSS"] / 1024, 1), "resident_mib": round(now["VmRSS"] / 1024, 1),
            "anonymous_mib": round(now.get("RssAnon", 0) / 1024, 1), "threads": now["Threads"], "idle_cpu_pct": round(100 * share, 3)}

"""The cases that are no ladder of callers: signalling, a full service, memory, endurance."""
import resource
import time

from . import machine, tool
from .cases import GAP, settle

TRANSACTIONS_OVER = 34  # s: after 64 × T1 = 32 s SIP has nothing of a call left


def calls(args, server, log, words, seconds, cores=None, **settings):
    """One run of `load calls` against a server of its own: its figures."""
    one = server(args, log)
    was, args.server_cores = args.server_cores, args.server_cores if cores is None else cores
    try:
        one.start(**settings)
        settle(one.pid)
        return tool.run(args, ["calls", "--pid", one.pid] + words, seconds)
    finally:
        args.server_cores = was
        one.stop()


def row(server, case, n, figures, **more):
    return {"server": server.name, "case": case, "n": n, "figures": figures, "faults": [], **more}


def signalled(r, calls_):
    """What SIP's figures say, in milliseconds, and what is wrong with them."""
    setup = calls_["setup"]
    r.update({"answered": calls_["answered"], "retransmitted": calls_["retransmitted"] + calls_["answered_again"],
              "failed": calls_["placed"] - calls_["answered"],
              "setup_p50_ms": setup.get("p50_ms"), "setup_p99_ms": setup.get("p99_ms"), "setup_max_ms": setup.get("max_ms")})
    if r["failed"]:
        r["faults"].append(f"{r['failed']} calls failed ({calls_['refused']} refused, {calls_['lost']} unanswered)")
    if r["retransmitted"]:
        r["faults"].append(f"{r['retransmitted']} retransmissions")


def cps(args, server, log):
    """Short calls, more a second until one fails or has to be asked again."""
    for rate in args.rates:
        tries = []
        while True:
            one = server(args, log)
            try:
                one.start()
                settle(one.pid)
                words = ["short", "--to", "101", "--rate", rate, "--seconds", args.seconds, "--pid", one.pid]
                figures = tool.run(args, words, args.seconds + 60)
            finally:
                one.stop()
            r = row(server, "cps", rate, figures)
            if "error" in figures:
                r["faults"].append(figures["error"])
            else:
                used, in_time = figures["server"], figures["server_in_time"] or figures["server"]
                r.update({"us_per_call": round(used["cpu_s"] * 1e6 / max(1, figures["placed"]), 1), "cores": in_time["cores"],
                          "resident_mib": round(used["resident_kib"] / 1024, 1), "before_mib": round(figures["before_kib"] / 1024, 1)})
                signalled(r, figures["calls"])
                if figures["crowded"]:
                    r["faults"].append(f"{figures['crowded']} calls could not be placed: 20000 were under way")
            yield r
            tries.append(not r["faults"])
            if tries == [True] or len(tries) >= args.repeat:
                break
        if sum(tries) * 2 <= len(tries):
            return


def burst(args, server, log):
    """500 INVITEs within 100 ms into the queue."""
    n = args.number or 500
    words = ["-n", n, "--to", "210", "--rate", n * 10, "--warm", 2, "--seconds", 3]
    figures = calls(args, server, log, words, 120)
    r = row(server, "burst", n, figures)
    if "error" in figures:
        r["faults"].append(figures["error"])
    else:
        signalled(r, figures["calls"])
        heard(r, figures)
        dropped = figures["from_the_start"]["udp"].get("RcvbufErrors")
        if dropped:
            r["faults"].append(f"{dropped} datagrams found a full socket")
    yield r


def heard(r, figures):
    """The sound of those who are up."""
    rtp = figures["rtp"]
    r.update({"max_gap_ms": rtp["max_gap_ms"], "lost": rtp["lost"], "jitter_ms": rtp["jitter_mean_ms"], "pps": rtp["pps"]})
    if rtp["lost"] or rtp["max_gap_ms"] > GAP:
        r["faults"].append(f"{rtp['lost']} packets lost, a gap of {rtp['max_gap_ms']:.0f} ms")


def full(args, server, log):
    """A service at its limit, at which half as many a second knock as are up."""
    if server.name != "svi":
        return
    n = args.number or 500
    words = ["-n", n, "--to", "100", "--rate", 200, "--warm", 2, "--seconds", args.seconds, "--refused", n / 2]
    figures = calls(args, server, log, words, n / 200 + args.seconds + 120, calls=n)
    r = row(server, "full", n, figures)
    if "error" in figures:
        r["faults"].append(figures["error"])
    else:
        knocks, sip = figures["refused"], figures["calls"]
        r.update({"answered": figures["up"], "retransmitted": sip["retransmitted"] + sip["answered_again"],
                  "cores": figures["server"]["cores"], "refused": knocks["placed"],
                  "refused_503": knocks["with_503"] - knocks["without_retry_after"], "refusal_p99_ms": sip["refusal"].get("p99_ms")})
        if r["refused_503"] != r["refused"] or r["retransmitted"]:
            r["faults"].append(f"{r['refused'] - r['refused_503']} knocks without 503 and Retry-After, {r['retransmitted']} retransmissions")
        heard(r, figures)
    yield r


def memory(args, server, log):
    """Many callers waiting in the queue, for the memory only: no core can send to so many
    and be judged by another, so the server has every core and the sound is not judged."""
    # As many as the open files allow that a leg of the greediest server needs: 4 a call.
    allowed = (resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 64) // 4
    n = min(args.number or (5000 if server.name == "svi" else 500), allowed)
    rate = args.rate or (100 if server.name == "svi" else 25)
    words = ["-n", n, "--to", "210", "--rate", rate, "--warm", 5, "--seconds", 5]
    figures = calls(args, server, log, words, n / rate + 200, cores="")
    r = row(server, "memory", n, figures)
    if "error" in figures:
        r["faults"].append(figures["error"])
    else:
        now, before, after = figures["server"]["resident_kib"], figures["idle_kib"], figures["left"]["resident_kib"]
        r.update({"kib_per_call": round((now - before) / max(1, figures["up"]), 2), "before_mib": round(before / 1024, 1),
                  "resident_mib": round(now / 1024, 1), "after_mib": round(after / 1024, 1), "answered": figures["up"]})
        if figures["up"] < n:
            r["faults"].append(f"{figures['up']} of {n} calls are up")
    yield r


def churn(args, server, log):
    """50 000 short calls after a warm-up of 5 000: what of them stays in memory."""
    n, rate = args.number or 50_000, args.rate or 1_000
    one = server(args, log)
    try:
        one.start()
        settle(one.pid)
        sizes, failed = [], 0
        for count in (n // 10, n):
            figures = tool.run(args, ["short", "--to", "101", "--rate", rate, "--seconds", count / rate, "--pid", one.pid], count / rate + 90)
            if "error" in figures:
                break
            failed += figures["calls"]["placed"] - figures["calls"]["answered"]
            time.sleep(TRANSACTIONS_OVER)
            sizes.append(machine.status(one.pid)["VmRSS"])
    finally:
        one.stop()
    r = row(server, "churn", n, figures)
    if len(sizes) < 2:
        r["faults"].append(figures["error"])
    else:
        r.update({"before_mib": round(sizes[0] / 1024, 1), "after_mib": round(sizes[1] / 1024, 1), "failed": failed,
                  "kib_per_call": round((sizes[1] - sizes[0]) / n, 3)})
        if failed:
            r["faults"].append(f"{failed} calls failed")
        if sizes[1] > sizes[0] * 1.02 + 512:
            r["faults"].append(f"{sizes[1] - sizes[0]} KiB more than before")
    yield r


def soak(args, server, log):
    """Callers with random keys, holds and hang-ups: to the prompt, the menu, the queue and to agents."""
    n = args.number or 1000
    words = ["-n", n, "--to", "100,200,210,300", "--speak", "--agents", n, "--life", "soak", "--rate", args.rate or 50, "--warm", 30,
             "--seconds", args.seconds, "--look", max(1, args.seconds / 180)]
    words += ["--witness", args.server_cores] if args.server_cores.isdigit() else []
    figures = calls(args, server, log, words, n / (args.rate or 50) + args.seconds + 200)
    r = row(server, "soak", n, figures)
    if "error" in figures:
        r["faults"].append(figures["error"])
    else:
        looks = [kib for _, kib, _ in figures["looks"]]
        quarter = max(1, len(looks) // 4)
        early, late = (sum(part) / len(part) for part in (looks[:quarter], looks[-quarter:]))
        sip = figures["calls"]
        r.update({"answered": sip["answered"], "failed": sip["lost"] + sip["refused"], "before_mib": round(early / 1024, 1),
                  "after_mib": round(late / 1024, 1), "resident_mib": round(max(looks) / 1024, 1), "cores": figures["server"]["cores"],
                  "retransmitted": sip["retransmitted"] + sip["answered_again"]})
        if r["failed"] or sip["ended_by_server"]:
            r["faults"].append(f"{sip['lost']} calls unanswered, {sip['refused']} refused, {sip['ended_by_server']} ended by the server")
        if late > early * 1.02 + 1024:
            r["faults"].append(f"{(late - early) / 1024:.1f} MiB more in the last quarter than in the first")
        heard(r, without_the_machine(r, figures))
    yield r


def without_the_machine(r, figures):
    """The figures without the gaps in which the server's core stood still: somebody who only
    sleeps there was late by more than half the gap at that very moment."""
    rtp, stalls = figures["rtp"], figures.get("witness") or []

    def stood_still(pause):
        end, gap = pause["at_s"], pause["gap_ms"] / 1000
        return any(at > end - gap and at - late / 1000 < end and late / 1000 > gap / 2 for at, late in stalls)
    ours = [pause["gap_ms"] for pause in rtp["pauses"] if not stood_still(pause)]
    r.update({"gaps": rtp["over_60"], "gaps_machine": len(rtp["pauses"]) - len(ours),
              "stalls": len(stalls), "worst_stall_ms": max((late for _, late in stalls), default=0)})
    if rtp["over_60"] > len(rtp["pauses"]):  # not all are told of one by one
        return figures
    longest = max(ours, default=0) or min(rtp["max_gap_ms"], GAP)
    return {**figures, "rtp": {**rtp, "max_gap_ms": longest}}


CASES = {"cps": cps, "burst": burst, "full": full, "memory": memory, "churn": churn, "soak": soak}

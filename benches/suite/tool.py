"""The load tool: where it is, and one run of it."""
import json
import os
import subprocess

from . import machine
from .servers import NotThere, REPO


def find(args):
    """`--load FILE`, or what cargo builds."""
    if args.load:
        return args.load
    build = ["cargo", "bench", "--bench", "load", "--no-run", "--message-format", "json"]
    out = subprocess.run(build, cwd=REPO, stdout=subprocess.PIPE, text=True)
    for line in out.stdout.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if message.get("executable") and message.get("target", {}).get("name") == "load":
            return message["executable"]
    raise NotThere("the load tool can't be built: `cargo bench --bench load --no-run`")


def start(args, words, **more):
    """Starts it on the load's cores."""
    words = [str(word) for word in words]
    return machine.start([args.load] + words, machine.cores(args.load_cores), stdout=subprocess.PIPE, text=True, **more)


def result(child, seconds):
    """Its figures; it has so many seconds."""
    try:
        out, _ = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        machine.end(child, 1)
        return {"error": f"the load tool has not ended within {seconds:.0f} s"}
    finally:
        if child in machine.CHILDREN and child.poll() is not None:
            machine.CHILDREN.remove(child)
    try:
        return json.loads(out)
    except ValueError:
        return {"error": f"the load tool has ended with {child.returncode}"}


def run(args, words, seconds):
    return result(start(args, words), seconds)

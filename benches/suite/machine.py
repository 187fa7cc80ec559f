"""The machine: a network of our own, processes pinned to cores, and what is on it."""
import ctypes
import fcntl
import os
import platform
import resource
import signal
import socket
import struct
import subprocess
import time

CHILDREN = []
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
PR_SET_PDEATHSIG = 1


def own_network():
    """A network namespace with nothing but a loopback, which goes when we go: no port meets
    another server's, and nothing can leave it."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise SystemExit("benches/run needs root: it makes a network namespace of its own")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", 0x1 | 0x40))  # up, running


def start(argv, core, **more):
    """A process on one core (`None`: any), with every file the system allows; killed with us.

    Each has a session of its own: with sched_autogroup, the many runnable threads of a
    saturated server would otherwise leave the load tool no time. `began` of what is
    returned is when it was executed, on the monotonic clock."""
    told, tell = os.pipe()

    def before():
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if core is not None:
            os.sched_setaffinity(0, core)
        os.write(tell, struct.pack("d", time.monotonic()))
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, preexec_fn=before, start_new_session=True, **more)
    CHILDREN.append(child)
    child.began = struct.unpack("d", os.read(told, 8))[0]
    os.close(told)
    os.close(tell)
    return child


def end(child, patience=5):
    """Ends a process that we started."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if child in CHILDREN:
        CHILDREN.remove(child)


def end_all():
    for child in list(reversed(CHILDREN)):
        end(child, 2)


def cores(text):
    """`0`, `0,1`, or nothing for any."""
    return {int(c) for c in text.split(",")} if text else None


def cpu_seconds(pid):
    """CPU time of a process and all its threads, to the nanosecond: its CPU clock, which is
    what /proc/PID/stat shows in ticks of 10 ms."""
    return time.clock_gettime((~pid << 3) | 2)


def status(pid):
    """Fields of /proc/PID/status in KiB or as they are."""
    with open(f"/proc/{pid}/status") as f:
        fields = dict(line.split(":", 1) for line in f if ":" in line)
    return {name: int(fields[name].split()[0]) for name in ("VmRSS", "RssAnon", "RssFile", "Threads") if name in fields}


def busy_share():
    """Shares of the machine's cores in use over half a second."""
    def read():
        with open("/proc/stat") as f:
            fields = [int(x) for x in f.readline().split()[1:9]]
        return sum(fields), sum(fields) - fields[3] - fields[4]
    a = read()
    time.sleep(0.5)
    b = read()
    return (b[1] - a[1]) / max(1, b[0] - a[0])


def wait_for_rest(seconds):
    """Waits until others leave the machine alone, at most so long; how busy it was at last."""
    limit = time.monotonic() + seconds
    share = busy_share()
    while share > 0.1 and time.monotonic() < limit:
        time.sleep(1)
        share = busy_share()
    return share


def facts():
    """What the figures are of."""
    def first(path, key="", sign=":"):
        try:
            with open(path) as f:
                found = next((line for line in f if line.startswith(key)), "")
        except OSError:
            return None
        return (found.split(sign, 1)[-1] if key else found).strip().strip('"') or None

    def said(*argv):
        try:
            out = subprocess.run(argv, capture_output=True, text=True, timeout=20)
            return (out.stdout + out.stderr).strip().splitlines()[0]
        except (OSError, IndexError, subprocess.TimeoutExpired):
            return None
    here = os.path.dirname(os.path.abspath(__file__))
    return {
        "cpu": first("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory": first("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "system": first("/etc/os-release", "PRETTY_NAME", "="),
        "autogroup": first("/proc/sys/kernel/sched_autogroup_enabled"),
        "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "commit": said("git", "-C", here, "describe", "--always", "--dirty", "--abbrev=12"),
        "rustc": said("rustc", "--version"),
    }

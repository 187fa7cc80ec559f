"""The programs that are measured: how each is started, asked whether it is there, and ended."""
import json
import math
import os
import shutil
import socket
import struct
import tempfile
import time
import wave

from . import machine

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REPO = os.path.dirname(HERE)
SOUND, SECONDS = "Dix-huit secondes de son.", 18


class NotThere(Exception):
    """A server does not start, or is not installed; says what to do."""


def options(port=5060, patience=0.002):
    """The answer to one OPTIONS, or nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        s.connect(("127.0.0.1", port))
        s.settimeout(patience)
        me, n = "127.0.0.1:%d" % s.getsockname()[1], time.monotonic_ns()
        try:
            s.send((f"OPTIONS sip:100@127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {me};branch=z9hG4bK{n};rport\r\n"
                    f"From: <sip:ask@{me}>;tag={n}\r\nTo: <sip:100@127.0.0.1>\r\nCall-ID: {n}@ask\r\nCSeq: 1 OPTIONS\r\n"
                    f"Contact: <sip:ask@{me}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n").encode())
            return s.recv(4096).split(b"\r\n")[0].decode()
        except OSError:
            return ""


class Server:
    """One run of a server; each measurement has its own."""

    name = ""

    def __init__(self, args, log):
        self.args, self.log, self.child, self.work = args, log, None, None

    @property
    def pid(self):
        return self.child.pid

    def start(self, patience=60, **settings):
        """Starts it; milliseconds from exec to its first 200 OK to an OPTIONS."""
        argv = self.command(**settings)
        with open(self.log, "ab") as log:
            self.child = machine.start(argv, machine.cores(self.args.server_cores), stdout=log, stderr=log, cwd=REPO)
        began = self.child.began
        while time.monotonic() - began < patience:
            if self.child.poll() is not None:
                raise NotThere(f"{self.name} has ended with {self.child.returncode}:\n" + open(self.log).read()[-2000:])
            if " 200 " in options():
                return (time.monotonic() - began) * 1000
        raise NotThere(f"{self.name} answers no OPTIONS; see {self.log}")

    def stop(self):
        if self.child:
            machine.end(self.child, 10)
            self.child = None
        if self.work:
            shutil.rmtree(self.work, ignore_errors=True)
            self.work = None


class Svi(Server):
    """The release build with the flows and settings of the benchmarks."""

    name = "svi"

    @staticmethod
    def version(args):
        if not os.access(args.svi, os.X_OK):
            raise NotThere(f"there is no {args.svi}: `cargo build --release`, or `--svi FILE`")
        return os.popen(f"{args.svi} --version").read().strip()

    def command(self, calls=None, shipped=False):
        """`shipped`: as it comes out of the box, for start-up and idle memory."""
        self.work = tempfile.mkdtemp(prefix="svi-bench-")
        data = os.path.join(self.work, "data")
        if shipped:
            return [self.args.svi, "serve", "--sip", "127.0.0.1:5060", "--http", "127.0.0.1:8080", "--data", data]
        with open(os.path.join(HERE, "settings.yaml")) as f:
            settings = f.read()
        if calls is not None:
            settings = "\n".join(f"  calls: {calls}" if line.startswith("  calls:") else line for line in settings.splitlines())
        if self.args.settings:
            with open(self.args.settings) as f:
                settings = f.read()
        folders = {"flows": os.path.join(HERE, "flows"), "prompts": prompts(self.args), "data": data}
        settings += "\npaths:\n" + "".join(f"  {name}: {json.dumps(path)}\n" for name, path in folders.items())
        path = os.path.join(self.work, "svi.yaml")
        with open(path, "w") as f:
            f.write(settings)
        return [self.args.svi, "serve", "--config", path]


class Asterisk(Server):
    """Debian's Asterisk in the chroot that `setup.sh` makes."""

    name = "asterisk"
    setup = os.path.join(REPO, "..", "shared", "bench", "asterisk", "setup.sh")

    @classmethod
    def version(cls, args):
        if not os.path.exists(f"{args.peers}/asterisk-root/usr/sbin/asterisk"):
            raise NotThere(f"the peer is not installed in {args.peers}: run ../shared/bench/asterisk/setup.sh as root, "
                           "or set PEERS to where it is")
        return os.popen(f"chroot {args.peers}/asterisk-root /usr/sbin/asterisk -V").read().strip()

    def command(self, calls=None, shipped=False):
        root = f"{self.args.peers}/asterisk-root"
        log = f"{root}/var/log/asterisk/bench.log"
        if os.path.exists(log):
            os.unlink(log)
        return ["chroot", root, "/usr/sbin/asterisk", "-f", "-C", "/etc/asterisk-bench/asterisk.conf"]


ALL = {server.name: server for server in (Svi, Asterisk)}


def prompts(args):
    """The shipped voice and music, and the sound of the long prompt."""
    folder = os.path.join(args.work, "prompts")
    shipped = os.path.join(REPO, "prompts")
    if os.path.isdir(folder):
        return folder
    os.makedirs(os.path.join(folder, "fr"))
    os.symlink(os.path.join(shipped, "music"), os.path.join(folder, "music"))
    for name in os.listdir(os.path.join(shipped, "fr")):
        if name.endswith(".wav"):
            os.symlink(os.path.join(shipped, "fr", name), os.path.join(folder, "fr", name))
    with open(os.path.join(shipped, "fr", "manifest.json")) as f:
        manifest = json.load(f)
    manifest.append({"text": SOUND, "file": "sound.wav", "seconds": float(SECONDS)})
    with open(os.path.join(folder, "fr", "manifest.json"), "w") as f:
        json.dump(manifest, f)
    with wave.open(os.path.join(folder, "fr", "sound.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16000)
        second = b"".join(struct.pack("<h", int(4000 * math.sin(2 * math.pi * 440 * n / 16000))) for n in range(16000))
        out.writeframes(second * SECONDS)
    return folder

# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests that do harm share: a network namespace of their own, the command, what the kernel
decides afterwards.

    import abuse; abuse.enter()      # needs root; runs the script again in a new namespace
"""
import atexit
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from reachable import reachable  # noqa: E402  (beside this file)

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WHARFWALL_BUILD", TOP / "build"))
WHARFWALL = os.environ.get("WHARFWALL", str(BUILD / "src/cli/wharfwall"))
OUT = f"ww{os.getpid()}-out"  # the namespace of the client

failed = 0
dir = None  # of this run


def ok(good, what, detail=""):
    global failed
    print(("ok - " if good else "not ok - ") + what, flush=True)
    if not good:
        failed += 1
        if detail:
            print("    " + str(detail).strip().replace("\n", "\n    "), flush=True)


def end():
    sys.exit(1 if failed else 0)


def sh(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, **more)


def must(*words):
    done = sh(*words)
    if done.returncode:
        print(f"{' '.join(words)}: {done.stderr}")
        sys.exit(1)
    return done.stdout


def tidy():
    subprocess.run(["ip", "netns", "del", OUT], stderr=subprocess.DEVNULL)
    shutil.rmtree(dir, ignore_errors=True)


def enter():
    """Host 192.0.2.1 and 2001:db8::1 here, a client 192.0.2.2 in OUT."""
    global dir
    if os.geteuid():
        print("needs root")
        sys.exit(77)
    if not os.access(WHARFWALL, os.X_OK):
        print(f"no {WHARFWALL}: build first")
        sys.exit(1)
    if not os.environ.get("IN_NAMESPACE"):
        os.environ["IN_NAMESPACE"] = os.readlink("/proc/self/ns/net")
        os.execvp("unshare", ["unshare", "-n", "-m", *sys.argv])
    if os.readlink("/proc/self/ns/net") == os.environ["IN_NAMESPACE"]:
        print("this is the machine itself: not going on")
        sys.exit(1)
    for name in ("SSH_CONNECTION", "DOCKER_HOST"):
        os.environ.pop(name, None)
    dir = pathlib.Path(tempfile.mkdtemp(prefix="wharfwall-abuse-", dir="/tmp"))
    atexit.register(tidy)
    must("ip", "netns", "add", OUT)
    must("ip", "link", "set", "lo", "up")
    must("ip", "link", "add", "up0", "type", "veth", "peer", "name", "up0", "netns", OUT)
    must("ip", "link", "set", "up0", "up")
    must("ip", "-n", OUT, "link", "set", "up0", "up")
    must("ip", "addr", "add", "192.0.2.1/24", "dev", "up0")
    must("ip", "addr", "add", "2001:db8::1/64", "dev", "up0", "nodad")
    must("ip", "-n", OUT, "addr", "add", "192.0.2.2/24", "dev", "up0")
    must("ip", "-n", OUT, "addr", "add", "2001:db8::2/64", "dev", "up0", "nodad")
    must("ip", "route", "add", "default", "via", "192.0.2.2")


def seed():
    """SEED=N in the environment takes the same sample again."""
    value = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"# SEED={value}", flush=True)
    return random.Random(value)


def policy(name, port, more=""):
    path = dir / f"{name}.policy"
    path.write_text(f"""set office = 203.0.113.0/24, 2001:db8:1::/48
internet -> host {{
    allow tcp 22, {port}
    allow tcp 90-99 from @office limit 10/minute per source
    deny udp 53
{more}}}
host -> internet {{ allow }}
""")
    path.chmod(0o600)
    return path


def words(name, *rest, state="state"):
    return [WHARFWALL, "--policy", str(dir / f"{name}.policy"), "--state-dir", str(dir / state),
            "--docker-host", f"unix://{dir}/none", *rest]


def run(name, *rest, state="state", prefix=(), **more):
    return sh(*prefix, *words(name, *rest, state=state), **more)


def table():
    """What the kernel decides."""
    return reachable(sh("nft", "-j", "list", "table", "inet", "wharfwall").stdout)


def unload():
    sh("nft", "delete", "table", "inet", "wharfwall")


def status(name="old", state="state"):
    done = run(name, "--json", "status", state=state)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return {"broken": done.stdout + done.stderr}

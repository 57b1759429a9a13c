"""A daemon that the benchmark stops: `ipfs_kit_daemon.py EXIT_MS CHILDREN STUBBORN_CHILDREN [stubborn]`. Prints `up` when all its processes have started.

It exits EXIT_MS after SIGTERM, or ignores it if it is stubborn. Each child leads a session, as Kubo does; stubborn children ignore SIGTERM.
"""

import signal
import subprocess
import sys
import time

exit_ms, children, stubborn_children = map(int, sys.argv[1:4])


def leave(*_: object) -> None:
    time.sleep(exit_ms / 1000)
    sys.exit(0)


signal.signal(signal.SIGTERM, signal.SIG_IGN if "stubborn" in sys.argv else leave)
WAIT = "while :; do read -r line; done"  # `read` is built into the shell, so the child starts no process
for number in range(children):
    trap = "trap '' TERM;" if number < stubborn_children else ""
    child = subprocess.Popen(
        ["sh", "-c", f"{trap} echo up; {WAIT}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    child.stdout.readline()
print("up", flush=True)
while True:
    time.sleep(60)

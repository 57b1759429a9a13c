"""A daemon to be stopped by the benchmark: `ipfs_kit_daemon.py EXIT_MS CHILDREN STUBBORN_CHILDREN [stubborn]`. Prints `up` when all is there.

It leaves EXIT_MS after SIGTERM, or never. Its children have sessions of their own, as Kubo has; the stubborn ones ignore SIGTERM.
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
WAIT = "while :; do read -r line; done"  # a builtin: the child has no child of its own
for number in range(children):
    trap = "trap '' TERM;" if number < stubborn_children else ""
    child = subprocess.Popen(
        ["sh", "-c", f"{trap} echo up; {WAIT}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    child.stdout.readline()
print("up", flush=True)
while True:
    time.sleep(60)

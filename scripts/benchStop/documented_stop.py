"""Stops the daemon as the documentation of ipfs_kit_py's command line describes, for comparison: a shutdown request, then `ps aux`, and for each match
SIGTERM, 0.5 s, SIGKILL if it still lives, and a last `ps aux`. A match is a line with both `python` and `ipfs_kit_daemon.py`.
"""

import os
import signal
import subprocess
import time
import urllib.request


def matches() -> list[int]:
    lines = subprocess.run(["ps", "aux"], capture_output=True, text=True).stdout.splitlines()
    found = [line for line in lines if "python" in line and "ipfs_kit_daemon.py" in line]
    return [pid for pid in (int(line.split()[1]) for line in found) if pid != os.getpid()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return True
    except OSError:
        return False


try:
    urllib.request.urlopen(urllib.request.Request("http://127.0.0.1:8774/shutdown", method="POST"), timeout=2)
except OSError:
    pass
for pid in matches():
    try:
        os.kill(pid, signal.SIGTERM)
        time.sleep(0.5)
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
matches()

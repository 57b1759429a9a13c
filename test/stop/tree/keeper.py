"""Starts the daemon and all bystanders as a terminal does, so that they share its process group and session.

Accepts orders as lines of JSON, and reports each process that stops, continues or ends, since SIGSTOP leaves no other trace.
"""

import json
import os
import signal
import sys
import threading
import time

from processes import launch

say = threading.Lock()


def tell(message):
    with say:
        os.write(1, json.dumps(message).encode() + b"\n")


def watch():
    while True:
        try:
            pid, status = os.waitpid(-1, os.WUNTRACED | os.WCONTINUED)
        except ChildProcessError:
            time.sleep(0.005)
            continue
        if os.WIFSTOPPED(status):
            what = "stopped"
        elif os.WIFCONTINUED(status):
            what = "continued"
        elif os.WIFSIGNALED(status):
            what = "killed by " + signal.Signals(os.WTERMSIG(status)).name
        else:
            what = f"exited with {os.WEXITSTATUS(status)}"
        tell({"pid": pid, "what": what})


def note(number, _frame):
    tell({"pid": os.getpid(), "what": "got " + signal.Signals(number).name})


for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCONT, signal.SIGTSTP, signal.SIGUSR1, signal.SIGQUIT):
    signal.signal(number, note)
threading.Thread(target=watch, daemon=True).start()
pipes = []
nowhere = os.open(os.devnull, os.O_WRONLY)
for line in sys.stdin:
    order = json.loads(line)
    options = {"session": order.get("session", False), "cwd": order.get("cwd"), "executable": order.get("executable")}
    reader = None
    if order.get("openInput"):
        reader, writer = os.pipe()
        pipes.append(writer)
    if order.get("nextPid"):
        with open("/proc/sys/kernel/ns_last_pid", "w") as file:
            file.write(str(order["nextPid"] - 1))
    try:
        pid = launch(order["argv"], env={**os.environ, **order.get("env", {})}, stdin=reader, stdout=nowhere, **options)
        tell({"id": order["id"], "started": pid})
    except Exception as error:
        tell({"id": order["id"], "failed": repr(error)})
    if reader is not None:
        os.close(reader)

"""Does nothing, and writes down every signal that it gets."""

import os
import signal
import time

folder, label = os.environ["TORTURE_BYSTANDERS"], os.environ["TORTURE_LABEL"]
record = os.open(f"{folder}/{label}.signals", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
ready = os.open(f"{folder}/{label}.ready", os.O_WRONLY | os.O_CREAT)
if "TORTURE_UID" in os.environ:
    os.setgroups([])
    os.setgid(int(os.environ["TORTURE_UID"]))
    os.setuid(int(os.environ["TORTURE_UID"]))


def note(number, _frame):
    os.write(record, f"{signal.Signals(number).name}\n".encode())


for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
    if number < signal.SIGRTMIN:
        signal.signal(number, note)
if "TORTURE_CARELESS" in os.environ:  # a parent that never takes note of the end of its child
    import json

    from processes import launch

    with open(f"{folder}/{label}.child", "w") as file:
        file.write(str(launch(json.loads(os.environ["TORTURE_CARELESS"]))))
if "TORTURE_DEBUGS" in os.environ:  # stops it, and lets no signal but SIGKILL through: ptrace(2)
    import ctypes

    PTRACE_ATTACH = 16
    ctypes.CDLL(None).ptrace(PTRACE_ATTACH, int(os.environ["TORTURE_DEBUGS"]), None, None)
if "TORTURE_MANAGES" in os.environ:  # starts it anew whenever it ends
    import json
    import threading

    from processes import launch

    def manage():
        while True:
            os.waitpid(launch(json.loads(os.environ["TORTURE_MANAGES"])), 0)

    threading.Thread(target=manage, daemon=True).start()
if "TORTURE_PORT" in os.environ:
    import socket

    listener = socket.create_server(("127.0.0.1", int(os.environ["TORTURE_PORT"])))
if "TORTURE_DISGUISE" in os.environ:  # at a sign it makes itself look like the daemon, or like one of its kind
    from processes import disguise_at_a_sign

    disguise_at_a_sign()
os.write(ready, b"ready")
if "TORTURE_DISGUISED" in os.environ:
    open(os.environ["TORTURE_DISGUISED"], "w").close()
while True:
    time.sleep(1000)

"""Does nothing but record every signal that it receives."""

import os
import signal
import time

folder, label = os.environ["STOP_TEST_BYSTANDERS"], os.environ["STOP_TEST_LABEL"]
record = os.open(f"{folder}/{label}.signals", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
ready = os.open(f"{folder}/{label}.ready", os.O_WRONLY | os.O_CREAT)
if "STOP_TEST_UID" in os.environ:
    os.setgroups([])
    os.setgid(int(os.environ["STOP_TEST_UID"]))
    os.setuid(int(os.environ["STOP_TEST_UID"]))


def note(number, _frame):
    os.write(record, f"{signal.Signals(number).name}\n".encode())


for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
    if number < signal.SIGRTMIN:
        signal.signal(number, note)
if "STOP_TEST_CARELESS" in os.environ:  # a parent that never reaps its child
    import json

    from processes import launch

    with open(f"{folder}/{label}.child", "w") as file:
        file.write(str(launch(json.loads(os.environ["STOP_TEST_CARELESS"]))))
if "STOP_TEST_DEBUGS" in os.environ:  # stops the process and blocks all its signals but SIGKILL: ptrace(2)
    import ctypes

    PTRACE_ATTACH = 16
    ctypes.CDLL(None).ptrace(PTRACE_ATTACH, int(os.environ["STOP_TEST_DEBUGS"]), None, None)
if "STOP_TEST_MANAGES" in os.environ:  # restarts the program whenever it ends
    import json
    import threading

    from processes import launch

    def manage():
        while True:
            os.waitpid(launch(json.loads(os.environ["STOP_TEST_MANAGES"])), 0)

    threading.Thread(target=manage, daemon=True).start()
if "STOP_TEST_PORT" in os.environ:
    import socket

    listener = socket.create_server(("127.0.0.1", int(os.environ["STOP_TEST_PORT"])))
if "STOP_TEST_DISGUISE" in os.environ:  # when the sign is given, it makes itself look like the daemon or its helpers
    from processes import disguise_at_a_sign

    disguise_at_a_sign()
os.write(ready, b"ready")
if "STOP_TEST_DISGUISED" in os.environ:
    open(os.environ["STOP_TEST_DISGUISED"], "w").close()
while True:
    time.sleep(1000)

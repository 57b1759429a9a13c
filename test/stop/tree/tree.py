"""A process of a tree that is hard to end. The tests copy this file under the names of daemons and of their helpers. The JSON text or file
after --spec says what it does:

  label           its name in the log
  term            its reaction to SIGTERM: "default", "ignore", "exit" (cleanly), "slowly" (cleanly, after `slowS`), "writes" (the same,
                  writing all the time), "stay" (it only logs the signal)
  children        specs, each with `times`; start() describes how a child may leave the session or the group
  supervise       true: it restarts children that end
  watch           true: it and a partner restart each other
  storm           {perSecond, most, lifeS, detach}: it keeps forking short-lived children
  colony          {most}: it multiplies up to this number, and again after some have ended
  hopEveryS       after this time it continues as its child, again and again
  onTerm          specs of children that it starts on SIGTERM
  listen, http    a port, and the reaction to POST /shutdown there: "ok", "hang", "lie", "404"
  repository      a folder whose `repo.lock` it locks, as Kubo does
  lock            an SQLite file on which it keeps a write transaction open
  zombies         the number of ended children that it doesn't reap
  threads         true: its first thread ends and another one continues
  ends            true: it exits once its children have started
  freeze          true: it stops itself (SIGSTOP)
  comm            the name that the kernel reports for it
  uid             the user that it becomes, which needs root
  runs            arguments of a program that it starts and waits for
  disguise        what it makes itself look like at a sign: see disguise_at_a_sign() of processes.py
  subreaper       true: orphans of its tree become its children
  ready           a file that it writes when all its processes have started
"""

import ctypes
import fcntl
import json
import os
import signal
import socket
import sqlite3
import sys
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here]
from processes import disguise_at_a_sign, launch  # noqa: E402

source = sys.argv[sys.argv.index("--spec") + 1]
if source.startswith("{"):
    spec = json.loads(source)
else:
    with open(source) as file:
        spec = json.load(file)
log_file = spec["log"]
label = spec.get("label", "?")
running = {}
listener = None


def log(what):
    descriptor = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, f"{label} {os.getpid()} {what}\n".encode())
    os.close(descriptor)


def start(child):
    """Starts a child and returns its PID. `kind`: "python" (this program), "program" (`argv`), "sleep" (named `argv0`), "fork" (a copy of this
    process)."""
    how = {
        "session": child.get("session", False),
        "group": child.get("group", False),
        "double_fork": child.get("doubleFork", False),
        "ignore_term": child.get("term") == "ignore",
    }
    environment = {} if child.get("clearEnv") else None
    kind = child.get("kind", "python")
    if kind == "program":
        return launch(child["argv"], env=environment, **how)
    if kind == "sleep":
        return launch([child.get("argv0", "sleep"), "100000"], executable="/bin/sleep", env=environment, **how)
    if kind == "fork":
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN if how["ignore_term"] else signal.SIG_DFL)
            while True:
                time.sleep(1000)
        return pid
    ready_read, ready_write = os.pipe()
    more = {"log": log_file, "readyFd": ready_write}
    keep = [ready_write]
    if child.get("inheritSocket"):
        more["socketFd"] = listener.fileno()
        keep.append(listener.fileno())
    argv = [child.get("argv0", sys.executable), os.path.join(here, child.get("script", "worker.py")), "--spec"]
    pid = launch([*argv, json.dumps({**child, **more})], executable=sys.executable, env=environment, keep=keep, **how)
    for descriptor in keep:
        os.set_inheritable(descriptor, False)
    os.close(ready_write)
    os.read(ready_read, 1)
    os.close(ready_read)
    return pid


def start_all(children):
    for child in children:
        for _ in range(child.get("times", 1)):
            running[start(child)] = child


def leave(code=0):
    log("clean")
    os._exit(code)


def on_term(_number, _frame):
    log("TERM")
    term = spec.get("term")
    start_all(spec.get("onTerm", []))
    if term == "slowly":
        end = time.monotonic() + spec["slowS"]
        while (rest := end - time.monotonic()) > 0:
            time.sleep(rest)
    if term == "writes":
        end = time.monotonic() + spec["slowS"]
        with open(log_file + ".written", "ab") as written:
            while time.monotonic() < end:
                written.write(b".")
                written.flush()
                time.sleep(0.05)
    if term != "stay":
        leave()


def serve(server, mode):
    while True:
        connection, _ = server.accept()
        threading.Thread(target=answer, args=(connection, mode), daemon=True).start()


def answer(connection, mode):
    with connection:
        request = connection.recv(4096)
        if not request.startswith(b"POST /shutdown"):
            return
        log("asked")
        if mode == "hang":
            time.sleep(1000)
        status = b"404 Not Found" if mode == "404" else b"200 OK"
        connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    if mode == "ok":
        time.sleep(spec.get("slowS", 0))
        leave()


def rage(storm):
    """Forks short-lived children, which ignore SIGTERM, at a steady rate."""
    for _ in range(storm["most"]):
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if storm.get("detach"):
                os.setsid()
                if os.fork() != 0:
                    os._exit(0)
            time.sleep(storm["lifeS"])
            os._exit(0)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        time.sleep(1 / storm["perSecond"])


def breed(colony):
    """Each member forks others, each in its own session, up to the limit: one that isn't ended creates them all again."""
    for _ in range(2000):  # ends by itself if the test fails to end it
        if len(os.listdir("/proc")) - colony["others"] < colony["most"] and os.fork() == 0:
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(0.01)


def hop(everyS):
    """Changes its PID every few milliseconds."""
    for _ in range(2000):
        time.sleep(everyS)
        if os.fork() != 0:
            os._exit(0)


def is_alive(pid):
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False


def watch_each_other():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the children
    partner = spec.get("partner")
    for _ in range(2000):  # ends by itself if the test fails to end it
        if partner is None or not is_alive(partner):
            partner = start({**spec, "partner": os.getpid(), "session": True, "kind": "python", "times": 1})
            log(f"watches {partner}")
        announce()
        time.sleep(0.01)


def announce():
    if "readyFd" in spec:
        try:
            os.write(spec["readyFd"], b"1")
            os.close(spec["readyFd"])
        except BrokenPipeError:
            pass
        del spec["readyFd"]
    if "ready" in spec:
        with open(spec["ready"], "w") as file:
            file.write("ready")
        del spec["ready"]


if "uid" in spec:
    os.setuid(spec["uid"])
if "comm" in spec:
    with open("/proc/self/comm", "w") as file:
        file.write(spec["comm"])
term = spec.get("term", "default")
if term == "ignore":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
elif term != "default":
    signal.signal(signal.SIGTERM, on_term)
if "listen" in spec:
    listener = socket.create_server(("127.0.0.1", spec["listen"]), backlog=16)
if "socketFd" in spec:
    listener = socket.socket(fileno=spec["socketFd"])
if "http" in spec:
    threading.Thread(target=serve, args=(listener, spec["http"]), daemon=True).start()
if "repository" in spec:
    os.makedirs(spec["repository"], exist_ok=True)
    repository_lock = open(os.path.join(spec["repository"], "repo.lock"), "w")
    fcntl.lockf(repository_lock, fcntl.LOCK_EX)
if "lock" in spec:
    database = sqlite3.connect(spec["lock"], isolation_level=None, check_same_thread=False)
    database.execute("BEGIN IMMEDIATE")
    database.execute("CREATE TABLE IF NOT EXISTS held_by (pid INTEGER)")
if spec.get("subreaper"):
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: prctl(2)
start_all(spec.get("children", []))
if "disguise" in spec:
    os.environ["STOP_TEST_DISGUISE"] = json.dumps(spec["disguise"])
    disguise_at_a_sign()
for _ in range(spec.get("zombies", 0)):
    if os.fork() == 0:
        os._exit(0)
if spec.get("watch"):
    watch_each_other()
announce()
if spec.get("ends"):
    os._exit(0)
if "runs" in spec:
    program = launch(spec["runs"])
    _, status = os.waitpid(program, 0)
    log(f"its program ended with {os.waitstatus_to_exitcode(status)}")
if spec.get("freeze"):
    os.kill(os.getpid(), signal.SIGSTOP)
if "colony" in spec:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    breed({**spec["colony"], "others": len(os.listdir("/proc"))})
if "hopEveryS" in spec:
    hop(spec["hopEveryS"])
if "storm" in spec:
    rage(spec["storm"])
if spec.get("threads"):
    threading.Thread(target=lambda: [time.sleep(1) for _ in range(1000)]).start()
    ctypes.CDLL(None).pthread_exit(None)
while spec.get("supervise"):
    try:
        ended, _ = os.waitpid(-1, 0)
        if ended in running:
            log(f"restarts {ended}")
            child = running.pop(ended)
            running[start(child)] = child
    except ChildProcessError:
        time.sleep(0.01)
while True:
    time.sleep(1000)

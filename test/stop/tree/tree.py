"""A process of a tree that is hard to end. Copied under the names of daemons and of their helpers; what it does is in a JSON text
or file after --spec:

  label           its name in the log
  term            what SIGTERM does: "default", "ignore", "exit" (cleanly), "slowly" (cleanly, after `slowS`), "writes" (the same, and
                  writes all the time), "stay" (it is only noted)
  children        specs, each with `times`; see start() for how they may leave the family
  supervise       true: children that end are started again
  watch           true: with another of its kind it sees to it that both live
  storm           {perSecond, most, lifeS, detach}: forks without end
  colony          {most}: it multiplies up to that many, and again when some are gone
  hopEveryS       it goes on as its own child that often
  onTerm          specs that are started by SIGTERM
  listen, http    a port; what POST /shutdown there does: "ok", "hang", "lie", "404"
  repository      a folder whose `repo.lock` it locks, as Kubo does
  lock            an SQLite file on which a write transaction is kept open
  zombies         how many children have ended without notice
  threads         true: the first thread ends, another goes on
  ends            true: it ends once its children are there
  freeze          true: it stops itself (SIGSTOP)
  comm            what the kernel shall call it
  uid             whose it becomes, if it may
  runs            argv of a program that it waits for
  disguise        what it makes itself look like at a sign: see disguise_at_a_sign() of processes.py
  subreaper       true: orphans of its tree become its own children
  ready           a file that is written when all of it is there
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
    """`kind`: "python" (another process of this program), "program" (`argv`), "sleep" (under any name,
    `argv0`), "fork" (a mere copy of us)."""
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
    """Short-lived children at a steady rate, every one of them deaf to SIGTERM."""
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
    """Each member brings forth others as long as there is room, in sessions of their own: who forgets one has them all again."""
    for _ in range(2000):  # not for ever, if nobody ends us
        if len(os.listdir("/proc")) - colony["others"] < colony["most"] and os.fork() == 0:
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(0.01)


def hop(everyS):
    """A new pid every few milliseconds."""
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
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel takes note of the end of ours
    partner = spec.get("partner")
    for _ in range(2000):  # not for ever, if nobody ends us
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
    os.environ["TORTURE_DISGUISE"] = json.dumps(spec["disguise"])
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
            log(f"starts anew what was {ended}")
            child = running.pop(ended)
            running[start(child)] = child
    except ChildProcessError:
        time.sleep(0.01)
while True:
    time.sleep(1000)

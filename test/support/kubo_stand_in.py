"""Stands in for a Kubo daemon: locks a repository as Kubo does, and responds to /api/v0/id and /api/v0/shutdown.

Exits when its standard input ends. Needs only the standard library. Prints `ready` once it listens and has written the file `api`.
"""

import argparse
import fcntl
import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

options = argparse.ArgumentParser()
options.add_argument("repository")
options.add_argument("--peer", required=True)
options.add_argument("--shutdown", choices=["heeded", "ignored", "refused", "executes"], default="heeded")
options.add_argument("--exit-after", type=float, default=0.2, help="seconds from the response to the exit")
options.add_argument("--works", choices=["writes", "computes", "flushes", "pauses", "delegates"], help="its work after a shutdown request or SIGTERM, until a file `enough` exists in the repository")
options.add_argument("--closes", action="store_true", help="close the address before that work; SIGTERM then ends it at once, as a second one does with Kubo")
options.add_argument("--sigterm", choices=["heeded", "ignored"], default="heeded")
options.add_argument("--id", choices=["answered", "silent", "denied"], default="answered")
options.add_argument("--no-lock", action="store_true")
options.add_argument("--lock-stays", action="store_true", help="keep the lock when it executes another program")
options.add_argument("--no-server", action="store_true", help="act like a command that works without a daemon")
options.add_argument("--no-stdin", action="store_true", help="don't exit when standard input ends")
options.add_argument("--socket", help="a Unix socket to use instead of a port")
given = options.parse_args()


def leave(*_):
    os._exit(0)


working = threading.Event()


def work():
    """Works like a Kubo that closes its repository, on another thread than the first, and then exits."""
    if given.closes:
        server.shutdown()
        server.server_close()
    if given.works == "delegates":
        return delegate()
    with open(os.path.join(given.repository, "written"), "wb") as out:
        while not os.path.exists(os.path.join(given.repository, "enough")):
            if given.works == "writes":
                out.write(b".")
                out.flush()
            elif given.works == "flushes":
                os.utime(out.fileno())
                os.fsync(out.fileno())
                continue
            elif given.works == "computes":
                sum(range(100_000))
                continue
            else:
                os.write(out.fileno(), b"x" * 4096)
                time.sleep(0.4)
            time.sleep(0.05)
    open(os.path.join(given.repository, "whole"), "w").close()
    leave()


def delegate():
    """Lets a child process do the work, as for a migration of the repository."""
    loop = "while [ ! -e enough ]; do echo . >> written; sleep 0.1; done; : > whole"
    subprocess.run(["sh", "-c", f"sh -c '{loop}'; true"], cwd=given.repository, stdin=subprocess.DEVNULL)
    leave()


def begin(*_):
    if given.works is None:
        return leave()
    if working.is_set():
        if given.closes:
            os._exit(1)
        return
    working.set()
    threading.Thread(target=work).start()


def end_with_stdin():
    while sys.stdin.buffer.read(1024):
        pass
    leave()


def go_on_as_another():
    """Executes another program, which records its signals; the process stays the same: execve(2)."""
    os.set_inheritable(lock.fileno(), given.lock_stays)
    note = "import os, signal, sys, time\nfor each in (15, 18): signal.signal(each, lambda number, _: open(sys.argv[1], 'a').write(f'{number} '))\n"
    code = note + "open(sys.argv[2], 'w').close()\nwhile True: time.sleep(1000)"
    place = given.repository
    os.execv(sys.executable, [sys.executable, "-c", code, os.path.join(place, "signals"), os.path.join(place, "executed")])


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        if given.id == "denied":
            self.answer(403, b"Kubo RPC Access Denied")
        elif self.path == "/api/v0/id":
            if given.id == "silent":
                time.sleep(3600)
            self.answer(200, json.dumps({"ID": given.peer}).encode())
        elif self.path == "/api/v0/shutdown":
            with open(os.path.join(given.repository, "asked"), "a") as asked:
                asked.write("x")
            self.answer(500 if given.shutdown == "refused" else 200, b"")
            if given.shutdown == "heeded":
                threading.Timer(given.exit_after, begin).start()
            if given.shutdown == "executes":
                threading.Timer(given.exit_after, go_on_as_another).start()
        else:
            self.answer(404, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if body:  # a client may disconnect after the headers, and even an empty write to its Unix socket is then a broken pipe
            self.wfile.write(body)

    def address_string(self):
        return ""

    def log_message(self, *_):
        pass


class Threads(socketserver.ThreadingMixIn):
    daemon_threads = True


class TcpServer(Threads, socketserver.TCPServer):
    allow_reuse_address = True


class UnixServer(Threads, socketserver.UnixStreamServer):
    pass


if not given.no_stdin:
    threading.Thread(target=end_with_stdin, daemon=True).start()
signal.signal(signal.SIGTERM, signal.SIG_IGN if given.sigterm == "ignored" else begin)
lock = open(os.path.join(given.repository, "repo.lock"), "w")
if not given.no_lock:
    fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
server = None
if not given.no_server:
    server = UnixServer(given.socket, Handler) if given.socket else TcpServer(("127.0.0.1", 0), Handler)
    with open(os.path.join(given.repository, "api"), "w") as api:
        api.write(f"/unix{given.socket}" if given.socket else f"/ip4/127.0.0.1/tcp/{server.server_address[1]}")
print("ready", flush=True)
if server:
    server.serve_forever(0.05)
while True:
    time.sleep(3600)

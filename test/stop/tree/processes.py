"""Starts processes as daemons do (in their own session, by double fork, under another name), and disguises them."""

import ctypes
import json
import os
import signal
import socket
import sys
import threading
import time


def launch(
    argv,
    *,
    executable=None,
    env=None,
    cwd=None,
    session=False,
    group=False,
    double_fork=False,
    ignore_term=False,
    stdin=None,
    keep=(),
    stdout=None,
):
    """Forks and executes, and returns the PID once the new program runs: until then the process would look like this one. RuntimeError if it fails."""
    told_read, told_write = os.pipe()  # exec closes it, so its end of file means success
    first = os.fork()
    if first == 0:
        try:
            if session:
                os.setsid()
            if group:
                os.setpgid(0, 0)
            if double_fork:
                if os.fork() != 0:
                    os._exit(0)
            os.write(told_write, b"%d\n" % os.getpid())
            for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            if ignore_term:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            if cwd:
                os.chdir(cwd)
            os.dup2(os.open(os.devnull, os.O_RDONLY) if stdin is None else stdin, 0)
            if stdout is not None:
                os.dup2(stdout, 1)
            for descriptor in keep:
                os.set_inheritable(descriptor, True)
            os.execvpe(executable or argv[0], argv, os.environ if env is None else env)
        except BaseException as error:
            os.write(told_write, f"failed {error!r}\n".encode())
        os._exit(127)
    os.close(told_write)
    text = b""
    while part := os.read(told_read, 4096):
        text += part
    os.close(told_read)
    if double_fork:
        os.waitpid(first, 0)
    if b"failed" in text:
        raise RuntimeError(text.decode())
    return int(text.split()[0])


kept = []  # sockets and connections that must stay open


def disguise_at_a_sign():
    """Waits in a thread for the file `when` of the JSON in STOP_TEST_DISGUISE, applies its other fields, and writes the file `done`."""
    wanted = json.loads(os.environ["STOP_TEST_DISGUISE"])

    def disguise():
        while not os.path.exists(wanted["when"]):
            time.sleep(0.002)
        if "comm" in wanted:
            with open("/proc/self/comm", "w") as file:  # the name of this thread; the name of the process is that of its first thread
                file.write(wanted["comm"])
            with open(f"/proc/{os.getpid()}/task/{os.getpid()}/comm", "w") as file:
                file.write(wanted["comm"])
        if "group" in wanted:
            os.setpgid(0, wanted["group"])
        if "port" in wanted:
            kept.append(socket.create_server(("127.0.0.1", wanted["port"]), backlog=16))
            os.set_inheritable(kept[-1].fileno(), True)
        if "lock" in wanted:
            import sqlite3

            kept.append(sqlite3.connect(wanted["lock"], isolation_level=None, check_same_thread=False))
            kept[-1].execute("BEGIN IMMEDIATE")
        if "words" in wanted:
            overwrite(wanted["words"], 48)
        if "environment" in wanted:
            overwrite(wanted["environment"], 50)
        if "runs" in wanted:
            environment = {**os.environ, "STOP_TEST_DISGUISED": wanted["done"]}
            del environment["STOP_TEST_DISGUISE"]
            os.execvpe(wanted.get("executable", wanted["runs"][0]), wanted["runs"], environment)
        open(wanted["done"], "w").close()

    threading.Thread(target=disguise, daemon=True).start()


def overwrite(words, field):
    """Overwrites the arguments (field 48) or the environment (field 50), which the kernel reads from the process's memory: proc_pid_stat(5), fields 48 to 51."""
    with open("/proc/self/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    start, end = int(fields[field - 3]), int(fields[field - 2])
    text = b"".join(word.encode() + b"\0" for word in words)
    if len(text) > end - start:
        sys.exit("These words don't fit.")
    ctypes.memmove(start, text.ljust(end - start, b"\0"), end - start)

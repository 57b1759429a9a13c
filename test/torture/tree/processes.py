"""Starts processes as trees of daemons do: in sessions of their own, by double fork, under other names."""

import os
import signal


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
    """Forks and executes, and gives the pid. Returns once the new program has taken over: until then it would look like ours."""
    told_read, told_write = os.pipe()  # closed by exec: its end of file is the news
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

"""A daemon for tests, with the responses of ipfs_kit_py's HTTP daemon, the documented /pin-index-arrow, and faults on request.

A small TCP front accepts every connection. It plays a fault if one is set for the route; otherwise it forwards the connection to uvicorn.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, AsyncIterator

import pyarrow as pa
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from arrow_bodies import ArrowOptions, body_pieces, table_of
from faults import LONGEST_SECONDS, ROUTES, Fault, parse_fault, show_fault
from pin_data import TABLES, Row, load_pins, pins, write_database

MAX_HEAD = 65_536


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8774, help="0 uses a free port, which is printed")
    parser.add_argument("--data-dir", help="folder of pin_metadata/pin_metadata.db; default: a new temporary folder")
    parser.add_argument("--pins", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pins-file", help="JSON list of rows to use instead of generated ones")
    parser.add_argument("--saved-table", metavar="FILE", help="Arrow's table is written to this file, or read if it exists: a million rows take half a minute to make")
    parser.add_argument("--health", choices=["starting", "initialized", "ok"], default="starting")
    parser.add_argument("--health-delay", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--arrow-form", choices=["stream", "file"], default="stream")
    parser.add_argument("--batches", type=int, default=1)
    parser.add_argument("--batch-delay", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--schema", choices=["19", "10", "minimal", "extra"], default="19")
    parser.add_argument("--compression", choices=["none", "lz4", "zstd"], default="none")
    parser.add_argument("--strings", choices=["utf8", "large_utf8", "dictionary", "utf8_view"], default="utf8")
    parser.add_argument("--time-unit", choices=["s", "ms", "us", "ns"], default="s")
    parser.add_argument("--json-nan", action="store_true", help="/pins responds with 500, as the real daemon does for NULL doubles")
    parser.add_argument("--no-database", action="store_true")
    parser.add_argument("--table", choices=list(TABLES), default="wide")
    parser.add_argument("--hold", choices=["read", "write-transaction", "wal"], default="read", help="how the daemon keeps the database open")
    parser.add_argument("--fault", action="append", default=[], metavar="ROUTE=KIND[:ARGUMENT]")
    parser.add_argument("--shutdown-route", action="store_true", help="POST /shutdown ends the daemon; the real one has no such route")
    parser.add_argument("--exit-delay", type=float, default=0.0, metavar="SECONDS", help="time between SIGTERM and the exit")
    parser.add_argument("--ignore-sigterm", action="store_true")
    parser.add_argument("--children", type=int, default=0)
    parser.add_argument("--children-session", action="store_true", help="each child leads a session, as a started Kubo does")
    parser.add_argument("--children-ignore-sigterm", action="store_true")
    parser.add_argument("--exit-with-stdin", action="store_true", help="exit when standard input ends")
    return parser.parse_args()


def health_body(kind: str, host: str, port: int) -> dict[str, Any]:
    if kind == "initialized":  # about 10 kB without a status key
        backends = {f"backend_{n}": {"health": "unhealthy", "errors": ["not found " * 30], "last_check": time.time()} for n in range(25)}
        components = {"backends": backends, "enhanced_pins": {}, "filesystem": {"status": "healthy"}, "storage": {}}
        return {"timestamp": time.time(), "system_healthy": False, "components": components, "health_summary": {"backends": "unhealthy", "filesystem": "healthy"}}
    return {"status": kind, "running": True, "host": host, "port": port, "timestamp": datetime.now().isoformat()}


class Daemon:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.started = time.time()
        self.faults: dict[str, Fault] = dict(parse_fault(text) for text in options.fault)
        self.requests: list[str] = []
        self.arrow = ArrowOptions(options.arrow_form, options.batches, options.schema, options.compression, options.strings, options.time_unit)
        self.table = self.make_table()  # once, since a million rows take longer than a client waits for the first byte
        self.data_dir = Path(options.data_dir or tempfile.mkdtemp(prefix="ipfs-kit-data-"))
        self.own_data_dir = options.data_dir is None
        self.database = None if options.no_database else self.open_database()
        self.children = [self.start_child() for _ in range(options.children)]
        self.port = 0
        self.leaving = asyncio.Event()

    @cached_property
    def rows(self) -> list[Row]:
        options = self.options
        return load_pins(options.pins_file) if options.pins_file else list(pins(options.pins, options.seed))

    def make_table(self) -> pa.Table:
        saved = self.options.saved_table and Path(self.options.saved_table)
        if saved and saved.exists():
            return pa.ipc.open_file(pa.memory_map(str(saved))).read_all()
        table = table_of(self.rows, self.arrow)
        if saved:
            with pa.ipc.new_file(str(saved), table.schema) as file:
                file.write_table(table)
        return table

    def open_database(self) -> Any:
        """Writes the database and keeps it open, as the real daemon does."""
        file = self.data_dir / "pin_metadata" / "pin_metadata.db"
        if file.exists():
            file.unlink()
        hold = self.options.hold
        database = write_database(file, self.rows, self.options.table, ("journal_mode=WAL",) if hold == "wal" else ())
        table = TABLES[self.options.table][0]
        if hold == "write-transaction":
            database.execute("BEGIN IMMEDIATE")
            database.execute(f"UPDATE {table} SET cid = cid")
        database.execute(f"SELECT count(*) FROM {table}").fetchone()
        self.database_file = file
        return database

    def start_child(self) -> subprocess.Popen[bytes]:
        ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN);" if self.options.children_ignore_sigterm else ""
        code = f"import signal, time; {ignore} time.sleep(600)"
        return subprocess.Popen([sys.executable, "-c", code], start_new_session=self.options.children_session, stdin=subprocess.DEVNULL)

    def app(self) -> FastAPI:
        app = FastAPI()
        options = self.options

        @app.get("/health")
        @app.get("/api/v1/health")
        async def health() -> dict[str, Any]:
            await asyncio.sleep(options.health_delay)
            return health_body(options.health, options.host, self.port)

        @app.get("/api/v1/status")
        async def api_status() -> dict[str, Any]:
            uptime = time.time() - self.started
            return {"status": "ok", "running": True, "host": options.host, "port": self.port, "uptime_seconds": uptime, "timestamp": datetime.now().isoformat()}

        @app.get("/status")
        async def status() -> dict[str, Any]:
            parts = dict.fromkeys(["ipfs_kit", "health_monitor", "log_manager", "config_manager"], False)
            return {"running": True, "start_time": self.started, "uptime_seconds": time.time() - self.started, "components": parts, "api_version": "1.0"}

        @app.get("/pins")
        async def list_pins() -> Response:
            if options.json_nan:
                return JSONResponse({"detail": "Out of range float values are not JSON compliant: nan"}, 500)
            return JSONResponse({"pins": self.rows, "total": len(self.rows), "last_updated": self.started})

        @app.get("/pin-index-arrow")
        async def pin_index_arrow() -> Response:
            kind = "file" if self.arrow.form == "file" else "stream"
            return StreamingResponse(self.arrow_body(), media_type=f"application/vnd.apache.arrow.{kind}")

        if options.shutdown_route:

            @app.post("/shutdown")
            async def shutdown() -> dict[str, Any]:
                self.leaving.set()
                return {"success": True}

        @app.post("/test/fault")
        async def set_fault(request: Request) -> dict[str, Any]:
            wanted = await request.json()
            route, kind = wanted["route"], wanted.get("kind")
            if kind is None:
                self.faults.pop(route, None)
            else:
                route, fault = parse_fault(f"{route}={kind}" + (f":{wanted['arg']}" if wanted.get("arg") else ""))
                self.faults[route] = fault
            return {"faults": {name: fault.kind for name, fault in self.faults.items()}}

        @app.get("/test/requests")
        async def requests() -> list[str]:
            return self.requests

        return app

    async def arrow_body(self) -> AsyncIterator[bytes]:
        for piece in body_pieces(self.table, self.arrow):
            if piece:
                yield piece
                await asyncio.sleep(self.options.batch_delay)

    async def front(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind: int) -> None:
        """Serves one connection by a fault or by a pipe to uvicorn."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            line = head.split(b"\r\n", 1)[0].decode("latin-1")
            method, _, rest = line.partition(" ")
            path = rest.split(" ")[0].split("?")[0]
            if not path.startswith("/test/"):
                self.requests.append(f"{method} {path}")
            fault = self.faults.get(ROUTES.get(path, ""))
            if fault and fault.kind == "slow-first-byte":
                await asyncio.sleep(float(fault.argument or 3))
            elif fault and fault.kind in ("cut-after", "stall-after"):
                await pipe(head, reader, writer, behind, int(fault.argument or 100_000))
                if fault.kind == "stall-after":
                    await asyncio.sleep(LONGEST_SECONDS)
                return
            elif fault:
                return await show_fault(fault, writer)
            await pipe(head, reader, writer, behind)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        finally:
            with suppress(ConnectionError):
                writer.close()
                await writer.wait_closed()

    async def run(self) -> None:
        options = self.options
        server = uvicorn.Server(uvicorn.Config(self.app(), host="127.0.0.1", port=0, log_level="warning", lifespan="off"))
        server.install_signal_handlers = lambda: None  # type: ignore[method-assign]
        with suppress(AttributeError):
            server.capture_signals = lambda: suppress()  # type: ignore[method-assign,assignment]
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        behind = server.servers[0].sockets[0].getsockname()[1]
        front = await asyncio.start_server(lambda r, w: self.front(r, w, behind), options.host, options.port, limit=MAX_HEAD)
        self.port = front.sockets[0].getsockname()[1]
        self.listen_to_signals()
        host = f"[{options.host}]" if ":" in options.host else options.host
        database = None if self.database is None else str(self.database_file)
        print(json.dumps({"listening": f"http://{host}:{self.port}", "pid": os.getpid(), "dataDir": str(self.data_dir), "database": database}), flush=True)
        await self.leaving.wait()
        await asyncio.sleep(options.exit_delay)
        front.close()
        server.should_exit = True
        server.force_exit = True
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(serving, 3)
        if self.database is not None:
            self.database.close()

    def listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        ignore = self.options.ignore_sigterm
        for number, leave in ((signal.SIGTERM, not ignore), (signal.SIGINT, True)):
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, self.leaving.set if leave else lambda: None)
        if self.options.exit_with_stdin:
            threading.Thread(target=self.end_with_stdin, daemon=True).start()

    def end_with_stdin(self) -> None:
        sys.stdin.buffer.read()
        for child in self.children:
            child.kill()
        self.end()

    def end(self) -> None:
        """Exits immediately, since open connections would keep the process running."""
        if self.own_data_dir:
            shutil.rmtree(self.data_dir, ignore_errors=True)
        os._exit(0)


async def pipe(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind: int, most: int | None = None) -> None:
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", behind)
    inner_writer.write(head)

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, left: int | None) -> None:
        with suppress(ConnectionError):
            while left != 0 and (data := await source.read(262_144 if left is None else min(left, 262_144))):
                target.write(data)
                await target.drain()
                left = None if left is None else left - len(data)

    forward = asyncio.create_task(copy(reader, inner_writer, None))
    await copy(inner_reader, writer, most)
    forward.cancel()
    inner_writer.close()


async def main() -> None:
    daemon = Daemon(arguments())
    await daemon.run()
    daemon.end()


if __name__ == "__main__":
    asyncio.run(main())

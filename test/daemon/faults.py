"""Faulty responses, written to the socket byte by byte: wrong lengths, slow drips, silence, resets."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass

ROUTES = {"/health": "health", "/api/v1/health": "health", "/api/v1/status": "status", "/status": "status", "/pin-index-arrow": "arrow", "/pins": "pins"}
KINDS = {
    "404", "500", "503", "silence", "drip-headers", "drip-body", "cut", "cut-chunked", "huge-length", "html", "redirect",
    "endless", "empty", "not-json", "reset", "slow-first-byte", "close", "not-http", "cut-after", "stall-after",
}  # fmt: skip

SHORT = {
    "404": ("404 Not Found", "application/json", b'{"detail":"Not Found"}'),
    "500": ("500 Internal Server Error", "application/json", b'{"detail":"Internal Server Error"}'),
    "503": ("503 Service Unavailable", "application/json", b'{"detail":"Health monitor not initialized"}'),
    "html": ("200 OK", "text/html; charset=utf-8", b"<!doctype html><title>Welcome to nginx!</title><h1>It works</h1>"),
    "not-json": ("200 OK", "application/json", b'{"status": "ok"'),
    "empty": ("200 OK", "application/octet-stream", b""),
}

DRIP_SECONDS = 0.2
LONGEST_SECONDS = 120.0


@dataclass
class Fault:
    kind: str
    argument: str | None = None


def parse_fault(text: str) -> tuple[str, Fault]:
    """Parses `arrow=slow-first-byte:3` to ('arrow', Fault('slow-first-byte', '3')); ValueError if the route or the kind is unknown."""
    route, _, rest = text.partition("=")
    kind, _, argument = rest.partition(":")
    if route not in set(ROUTES.values()) or kind not in KINDS:
        raise ValueError(f"unknown fault {text!r}: use ROUTE=KIND with ROUTE of {sorted(set(ROUTES.values()))} and KIND of {sorted(KINDS)}")
    return route, Fault(kind, argument or None)


async def show_fault(fault: Fault, writer: asyncio.StreamWriter) -> None:
    """Plays the fault until the connection ends, for at most two minutes."""
    try:
        await asyncio.wait_for(_play(fault, writer), LONGEST_SECONDS)
    except (asyncio.TimeoutError, ConnectionError):
        pass


def head(status: str, content_type: str, length: int | None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-type: {content_type}", "server: uvicorn", "connection: close"]
    if length is not None:
        lines.append(f"content-length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _play(fault: Fault, writer: asyncio.StreamWriter) -> None:
    kind = fault.kind
    if kind in SHORT:
        status, content_type, body = SHORT[kind]
        writer.write(head(status, content_type, len(body)) + body)
    elif kind == "redirect":
        writer.write(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    elif kind == "silence":
        await asyncio.sleep(LONGEST_SECONDS)
    elif kind == "not-http":
        writer.write(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    elif kind == "drip-headers":
        await _drip(writer, head("200 OK", "application/json", 2) + b"{}")
    elif kind == "drip-body":
        writer.write(head("200 OK", "application/json", 50_000))
        await _drip(writer, b'{"status":"ok",' + b" " * 40_000)
    elif kind == "cut":
        writer.write(head("200 OK", "application/octet-stream", 50_000) + b"\xff" * 20_000)
    elif kind == "cut-chunked":
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n10\r\n" + b"x" * 16 + b"\r\n")
    elif kind == "huge-length":
        writer.write(head("200 OK", "application/octet-stream", 2**45) + b"\xff" * 1000)
        await asyncio.sleep(LONGEST_SECONDS)
    elif kind == "endless":
        writer.write(head("200 OK", "application/octet-stream", None))
        while True:
            writer.write(b"\xff" * 65_536)
            await writer.drain()
    elif kind == "reset":
        writer.write(head("200 OK", "application/octet-stream", 50_000) + b"\xff" * 1000)
        await writer.drain()
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return
    await writer.drain()


async def _drip(writer: asyncio.StreamWriter, data: bytes) -> None:
    for byte in data:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(DRIP_SECONDS)

#!/usr/bin/env python3
"""Stands in for servers that nobody has at hand: listener.py KIND COMMAND…

The command runs with DATABASE_URL naming a listener on a free loopback port; its exit code is ours. KIND:
  old      speaks the protocol as PostgreSQL 13 does: it says its version and answers what asks for it; nothing else
  web      is another kind of server: whatever comes, it answers as a web server would
  full     refuses as a server does that has no connection free
  starting refuses as a server does that is not up yet
  silent   takes the connection and says nothing
  cut      lets the client in and then hangs up at its first question
"""
import os
import socket
import struct
import subprocess
import sys
import threading

TEXT = 25
REFUSALS = {"full": ("53300", "sorry, too many clients already"), "starting": ("57P03", "the database system is starting up")}


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


def text(value):
    return value.encode() + b"\0"


def error(code, said, severity="ERROR"):
    return message(b"E", b"S" + text(severity) + b"V" + text(severity) + b"C" + text(code) + b"M" + text(said) + b"\0")


def exactly(client, size):
    data = b""
    while len(data) < size:
        more = client.recv(size - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def read_startup(client):
    while True:
        length, code = struct.unpack("!II", exactly(client, 8))
        exactly(client, length - 8)
        if code >> 16 != 1234:  # asked for TLS or for GSS first: neither
            return
        client.sendall(b"N")


def let_in(client):
    said = {"server_version": "13.23", "server_encoding": "UTF8", "client_encoding": "UTF8",
            "standard_conforming_strings": "on", "integer_datetimes": "on"}
    client.sendall(message(b"R", struct.pack("!I", 0))
                   + b"".join(message(b"S", text(key) + text(value)) for key, value in said.items())
                   + message(b"K", struct.pack("!II", os.getpid(), 1)) + message(b"Z", b"I"))


def row(*values):
    columns = b"".join(text(f"c{place}") + struct.pack("!IhIhih", 0, 0, TEXT, -1, -1, 0) for place in range(len(values)))
    data = b"".join(struct.pack("!I", len(value)) + value.encode() for value in values)
    return (message(b"T", struct.pack("!h", len(values)) + columns),
            message(b"D", struct.pack("!h", len(values)) + data) + message(b"C", text("SELECT 1")))


def answer_to(sql):
    if "client_connection_check_interval" in sql:  # came with version 14
        return None
    if "set_config" in sql:
        return row("UTF8")
    if "server_version_num" in sql:  # segue doctor's question: whether it will do, and its name
        return row("stops", "PostgreSQL 13.23")
    return None


def speak_as_13(client):
    let_in(client)
    answer, failed = None, False
    while True:
        kind = exactly(client, 1)
        body = exactly(client, struct.unpack("!I", exactly(client, 4))[0] - 4)
        if kind == b"X":
            return
        if kind == b"S":
            failed = False
            client.sendall(message(b"Z", b"I"))
        elif failed:
            continue
        elif kind == b"P":
            answer = answer_to(body.split(b"\0")[1].decode())
            failed = answer is None
            client.sendall(error("0A000", "a server of version 13 was asked what segue needs 14 for") if failed else message(b"1"))
        elif kind == b"B":
            client.sendall(message(b"2"))
        elif kind == b"D":
            client.sendall(answer[0])
        elif kind == b"E":
            client.sendall(answer[1])
        elif kind == b"Q":
            client.sendall(error("0A000", "a server of version 13 was asked what segue needs 14 for") + message(b"Z", b"I"))


def serve(client, kind):
    try:
        if kind == "silent":
            client.recv(1 << 16)
            client.recv(1)
            return
        if kind == "web":
            client.recv(1 << 16)
            client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            return
        read_startup(client)
        if kind in REFUSALS:
            client.sendall(error(*REFUSALS[kind], "FATAL"))
        elif kind == "cut":
            let_in(client)
            client.recv(1)
        else:
            speak_as_13(client)
    except OSError:
        pass
    finally:
        client.close()


def main():
    kind, command = sys.argv[1], sys.argv[2:]
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept():
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(client, kind), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        url = f"postgresql://me:s3cret@127.0.0.1:{listening.getsockname()[1]}/shop"
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


sys.exit(main())

"""A TCP proxy between segue and its server, which delays what goes through it, and cuts it at a bad moment.

It reads along: `application_name` of each connection, where a COMMIT goes up, what the server says to it. TLS is declined.
The loop runs in a thread of its own; the methods without underscore may be called from any thread.
"""
import asyncio
import random
import struct
import threading
import time
import urllib.parse

COMMIT_ANSWER = b"C\x00\x00\x00\x0bCOMMIT\x00"
TLS_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102
WORKER = "segue"  # the application_name of the session that does the work
BEFORE, WITHOUT_WAITING, AFTER = "before", "without waiting", "after"  # when the cut comes, at a COMMIT


class Messages:
    """The stream of one direction in whole messages; what is not whole yet stays."""

    def __init__(self):
        self.rest = b""

    def take(self, data):
        self.rest += data
        found = []
        while len(self.rest) >= 5:
            length = 1 + struct.unpack("!I", self.rest[1:5])[0]
            if len(self.rest) < length:
                break
            found.append(self.rest[:length])
            self.rest = self.rest[length:]
        return found


def says_commit(message):
    """A simple query, or a Parse of the extended protocol: its text stands behind the statement's name."""
    if message[:1] == b"Q":
        text = message[5:]
    elif message[:1] == b"P":
        text = message[message.index(b"\0", 5) + 1:]
    else:
        return False
    return text.lstrip().upper().startswith(b"COMMIT")


class Link:
    """One connection and what is known of it."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.name, self.armed, self.deaf, self.held = "", False, False, []

    def cut(self):
        for one in (self.client, self.server):
            one.transport.abort()


class Proxy:
    def __init__(self, stage, url, delay_ms=0):
        parts = urllib.parse.urlsplit(url)
        self.target = (parts.hostname, parts.port)
        self.delay, self.links = delay_ms / 1000, set()
        self.commits = self.cuts = 0
        self._cut_at = self._how = None
        self.loop = asyncio.new_event_loop()
        started = threading.Event()
        self.thread = threading.Thread(target=self._go, args=(started,), daemon=True)
        self.thread.start()
        started.wait()
        user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        self.url = parts._replace(netloc=f"{user}127.0.0.1:{self.port}").geturl()
        stage.at_end(self.close)

    def cut_all(self):
        """Every connection, at once. True: there was one."""
        return asyncio.run_coroutine_threadsafe(self._cut_all(), self.loop).result()

    def cut_at_commit(self, number, how):
        """At the so-manieth COMMIT of segue's working session from now on."""
        self._cut_at, self._how, self.commits, self.cuts = number, how, 0, 0

    def leave_alone(self):
        self._cut_at = None

    def close(self):
        if not self.loop.is_closed():
            self.cut_all()
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join()

    def _go(self, started):
        asyncio.set_event_loop(self.loop)
        listener = self.loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = listener.sockets[0].getsockname()[1]
        started.set()
        self.loop.run_forever()
        listener.close()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.close()

    async def _cut_all(self):
        links = list(self.links)
        for link in links:
            link.cut()
        return bool(links)

    async def _accept(self, client_reader, client_writer):
        try:
            first = await self._startup(client_reader, client_writer)
            server_reader, server_writer = await asyncio.open_connection(*self.target)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            client_writer.transport.abort()
            return
        link = Link(self, client_writer, server_writer)
        words = first[8:].split(b"\0")
        names = dict(zip(words[::2], words[1::2]))
        link.name = names.get(b"application_name", b"").decode()
        self.links.add(link)
        up, down = asyncio.Queue(), asyncio.Queue()
        up.put_nowait((time.monotonic() + self.delay, first))
        tasks = [asyncio.ensure_future(one) for one in (
            self._read(link, client_reader, up, Messages(), self._from_client), self._write(link, server_writer, up),
            self._read(link, server_reader, down, Messages(), self._from_server), self._write(link, client_writer, down))]
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError:
            return  # the proxy goes
        self.links.discard(link)

    async def _startup(self, reader, writer):
        while True:
            head = await reader.readexactly(8)
            length, code = struct.unpack("!II", head)
            if code in (TLS_REQUEST, GSS_REQUEST):
                writer.write(b"N")
                continue
            return head + await reader.readexactly(length - 8)

    async def _read(self, link, reader, queue, messages, look):
        try:
            while data := await reader.read(65536):
                passed = look(link, messages, data)
                if passed is None:
                    return
                if passed:
                    queue.put_nowait((time.monotonic() + self.delay, passed))
        except OSError:
            pass
        finally:
            queue.put_nowait((time.monotonic() + self.delay, b""))

    async def _write(self, link, writer, queue):
        """In order, each piece when its time has come."""
        try:
            while True:
                due, data = await queue.get()
                if (late := due - time.monotonic()) > 0:
                    await asyncio.sleep(late)
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()

    def _from_client(self, link, messages, data):
        if link.name != WORKER or link.deaf:
            return b"" if link.deaf else data
        passed = b""
        for message in messages.take(data):
            if says_commit(message):
                self.commits += 1
                if self.commits == self._cut_at:
                    self.cuts += 1
                    if self._how == BEFORE:
                        link.deaf = True
                        self.loop.call_later(self.delay + 0.01, link.cut)
                        return passed  # the server has begun what will never be committed
                    link.armed = self._how == AFTER
                    if not link.armed:
                        self.loop.call_later(self.delay + random.random() * 0.002, link.cut)
            passed += message
        return passed

    def _from_server(self, link, messages, data):
        if not link.armed:
            return data
        # From the chunk in which it was armed on: the server answers a COMMIT at the end, and then it is ready.
        link.held.append(data)
        said = b"".join(link.held)
        if COMMIT_ANSWER in said:
            link.cut()
            return None
        if said.endswith(b"Z\x00\x00\x00\x05I") or said.endswith(b"Z\x00\x00\x00\x05E"):  # it was rolled back: the next one
            link.armed, link.held = False, []
            self._cut_at += 1
            self.cuts -= 1
            return said
        return b""

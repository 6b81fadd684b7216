"""What stands around a database, real: an HTTP server that remembers what it was asked, a Redis server."""
import http.server
import shutil
import socket
import subprocess
import threading

from house import LeftOut, environment, wait_until


class HttpPeer:
    """Answers with `status`; keeps (method, path, body, headers) of every request."""

    def __init__(self, stage, status=200, answer="fine"):
        self.asked, self.status, self.answer = [], status, answer
        peer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                peer.asked.append((self.command, self.path, self.rfile.read(length).decode(), dict(self.headers)))
                self.send_response(peer.status)
                self.end_headers()
                self.wfile.write(peer.answer.encode())

            do_POST = do_PUT = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        stage.at_end(self.server.shutdown)


class Redis:
    def __init__(self, stage):
        if not shutil.which("redis-server"):
            raise LeftOut("redis-server is not here")
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        self.process = subprocess.Popen(["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                                         "--requirepass", "geheim", "--dir", str(stage.folder)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
        stage.at_end(self.process.kill)
        self.url = f"redis://:geheim@127.0.0.1:{self.port}/0"
        wait_until(lambda: self.say("PING") == "PONG", "redis answers")

    def say(self, *words):
        done = subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, check=False,
                              env=environment(REDISCLI_AUTH="geheim"))
        return done.stdout.strip()

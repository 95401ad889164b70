"""The real program and its clients, for the harnesses of this folder."""
import http.client, json, pathlib, signal, subprocess, time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
START_S = 30


class Violations:
    """What was found wrong; the first of it is told."""

    def __init__(self):
        self.count = 0

    def add(self, sentence: str) -> None:
        self.count += 1
        if self.count <= 10:
            print(f"  {sentence}", flush=True)


class DidNotStart(Exception):
    """With what status it ended, and the end of its log."""

    def __init__(self, status: int, log: str):
        super().__init__(f"ended with {status}: {log}")
        self.status = status


class Server:
    """`paylink sandbox`. `before` is a command that runs it."""

    def __init__(self, program: str, data: pathlib.Path, scratch: pathlib.Path, before: tuple = ()):
        ready = scratch / "ready.json"
        ready.unlink(missing_ok=True)
        command = [*before, ROOT / "build/release" / program, "sandbox", "--listen", "127.0.0.1:0", "--data-dir", data,
                   "--ready-file", ready, "--log-level", "error"]
        with open(scratch / "server.log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise DidNotStart(self.process.wait(), (scratch / "server.log").read_text()[-2000:])
            time.sleep(0.02)
        told = json.loads(ready.read_text())
        self.port = int(told["base_url"].rsplit(":", 1)[1])
        self.token = told["access_token"]

    def lives(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> int:
        """0 when it ended well."""
        if self.lives():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class Client:
    """One connection after the other. An answer is a status, its fields and its bytes; none: nobody knows."""

    def __init__(self, server: Server):
        self.server = server
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)

    def ask(self, method: str, path: str, body: bytes | None = None, key: str = ""):
        fields = {"Authorization": f"Bearer {self.server.token}", "Content-Type": "application/json"}
        if key:
            fields["Idempotency-Key"] = key
        try:
            self.connection.request(method, path, body, fields)
            answer = self.connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return None

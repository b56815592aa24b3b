"""A guestpass process of its own for each test: a fresh world on a free port."""

import os
import re
import subprocess
import tempfile
import threading
from pathlib import Path

import requests

CONTOSO = "c0a70500-0000-4000-8000-00000000c0a7"
FABRIKAM = "fab21ca0-0000-4000-8000-0000000fab21"

# In the network of recipes/impersonate there is one server, and it has these names.
IMPERSONATED = "GUESTPASS_IMPERSONATED" in os.environ
LOGIN = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com"

BUILT = Path(__file__).parents[3] / "target/debug/guestpass"
READY_WITHIN_SECONDS = 30
LISTEN = {
    "http": ["--no-tls", "--http", "127.0.0.1:0"],
    "https": ["--http", "127.0.0.1:0", "--https", "localhost:0"],
}


class Server:
    """Started on entry, ended on exit. Over https clients have to trust its CA: see the runner."""

    def __init__(self, scheme, world=None):
        self._scheme = scheme
        self._world = world

    def __enter__(self):
        if IMPERSONATED:
            self._process = None
            self.origin, self.graph_origin = LOGIN, GRAPH
            requests.post(f"{LOGIN}/_guestpass/reset", timeout=10).raise_for_status()
            return self
        command = [os.environ.get("GUESTPASS_BIN", BUILT), "serve", "--quiet"]
        command += LISTEN[self._scheme]
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as world:
            if self._world is not None:
                world.write(self._world)
                world.flush()
                command += ["--world", world.name]
            self._start(command)
        return self

    def _start(self, command):
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        try:
            self.origin = self.graph_origin = self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        if self._process is None:
            return
        self._process.terminate()
        self._process.wait(timeout=READY_WITHIN_SECONDS)
        self._process.stdout.close()
        self._errors.close()

    def _wait_until_ready(self):
        # A server that hangs is ended, which ends its output and this loop with it.
        timer = threading.Timer(READY_WITHIN_SECONDS, self._process.kill)
        timer.start()
        output = ""
        try:
            for line in self._process.stdout:
                output += line
                if re.fullmatch(r"guestpass ready in \d+ ms\n", line):
                    return re.search(rf"^listening ({self._scheme}:\S+)$", output, re.MULTILINE)[1]
        finally:
            timer.cancel()
        self._errors.seek(0)
        raise RuntimeError(f"guestpass did not get ready\n{output}{self._errors.read()}")

    def passes(self, duration):
        """Sets the server's clock forward."""
        answer = requests.post(
            f"{self.origin}/_guestpass/clock", json={"advance": duration}, timeout=10
        )
        answer.raise_for_status()

    def _inbox(self, to, tenant, kind):
        """The newest mail of a kind to an address."""
        answer = requests.get(
            f"{self.origin}/_guestpass/inbox", params={"to": to, "tenant": tenant}, timeout=10
        )
        answer.raise_for_status()
        mails = [mail for mail in answer.json() if mail["kind"] == kind]
        if not mails:
            raise AssertionError(f"no {kind} for {to}")
        return mails[0]

    def accept_link(self, to, tenant):
        return self._inbox(to, tenant, "invitation")["links"]["accept"]

    def passcode(self, to, tenant):
        code = self._inbox(to, tenant, "passcode")["code"]
        assert re.fullmatch(r"\d{8}", code), code
        return code

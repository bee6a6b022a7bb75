"""A real gateway in a folder of its own, on ports from 0."""

import json
import os
import pathlib
import signal
import subprocess
import urllib.parse
import urllib.request



class Gateway:
    """Without a configuration it has the demo workspace. It may be killed and started
    again: folder and ports stay the same."""

    def __init__(self, programs, folder, config=None, environment=None):
        self._programs = pathlib.Path(programs)
        self.data = pathlib.Path(folder) / "data"
        self._log = pathlib.Path(folder) / "gateway.log"
        self._config = config
        self._environment = os.environ | (environment or {})
        self.grpc = "127.0.0.1:0"
        self.http = "127.0.0.1:0"
        self._process = None

    def start(self):
        command = [self._programs / "chatgate", "--data_dir", str(self.data)]
        command += ["--grpc_listen", self.grpc, "--http_listen", self.http]
        if self._config:
            command += ["--config", str(self._config)]
        with open(self._log, "a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                command, env=self._environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        ready = self._process.stdout.readline().split()
        if ready[:2] != ["chatgate", "ready"]:
            self.kill()
            log = self._log.read_text(encoding="utf-8")
            raise AssertionError(f"the gateway does not start: {log[-2000:]}")
        said = dict(word.split("=", 1) for word in ready[2:])
        self.grpc, self.http = said["grpc"], said["http"]
        return self

    def stop(self):
        """SIGTERM."""
        self._end(signal.SIGTERM)

    def kill(self):
        """kill -9."""
        self._end(signal.SIGKILL)

    def _end(self, how):
        """Harmless where it does not run."""
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait()
        self._process.stdout.close()
        self._process = None

    def token(self, name="caller.token"):
        return (self.data / name).read_text(encoding="utf-8").strip()

    def events(self, count, token):
        """The first events, once there are that many."""
        tail = subprocess.run(
            [self._programs / "chatgatectl", "--server", self.grpc]
            + ["tail", "--from", "earliest", "--count", str(count), "--json"],
            env=os.environ | {"CHATGATE_TOKEN": token},
            check=True, capture_output=True, text=True, timeout=60,
        )
        return [json.loads(line) for line in tail.stdout.splitlines()]

    def get(self, path, token=None):
        """The data of an answer of the Web API's REST form."""
        return self._call(f"{path}?auth_token={token or self.token('api-777.token')}", None)

    def post(self, path, token, **fields):
        return self._call(f"{path}?auth_token={token}", urllib.parse.urlencode(fields).encode())

    def _call(self, path, body):
        request = urllib.request.Request(f"http://{self.http}/v1/{path}", body)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["data"]

    def lead_writes(self, part, conversation, body):
        """As Dashly's webhook tells it."""
        message = {
            "id": part, "conversation": conversation, "body": body, "type": "reply_user",
            "direction": "u2a", "from": 85648207, "created": 1492604036, "random_id": part,
            "sent_via": "web_user", "assignee": None, "conversation_closed": False,
            "conversation_tags": [],
        }
        token = self.token("webhook-777.token")
        fields = {"conversation": json.dumps(message), "type": "conversation", "token": token}
        request = urllib.request.Request(
            f"http://{self.http}/webhooks/dashly", urllib.parse.urlencode(fields).encode()
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 200, answer.status

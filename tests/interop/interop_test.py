#!/usr/bin/env python3
"""One language's stubs against a real gateway: tests/interop/README.md.

    interop_test.py LANGUAGE --source REPOSITORY --programs FOLDER --work FOLDER

Exit code 77 means skipped; with CHATGATE_REQUIRE_INTEROP=1 nothing is.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import unittest

import all_calls
import gateway
import skipping
import walk

# What has to be on the machine, and how the caller is started in the example's folder.
LANGUAGES = {
    "cpp": (["cmake", "protoc", "grpc_cpp_plugin"], "{programs}/../tests/interop_caller"),
    "python": (["python3"], "python caller.py"),
    "go": (["go", "protoc"], "go run ./caller"),
    "typescript": (["node", "npm"], "node dist/caller.js"),
}
OTHERS = {"java": ["mvn", "javac"], "grpcurl": ["grpcurl"]}
OPTIONS = argparse.Namespace()


def rpcs():
    """The names of all unary RPCs of ChatService, from the contract."""
    contract = OPTIONS.source / "proto/chatgate/v1/chat_service.proto"
    return set(re.findall(r"^  rpc (\w+)\(\w+\) returns \(\w+\)", contract.read_text("utf-8"), re.M))


def asking(test, caller):
    """Asks the running program of callers/."""

    def ask(rpc, request):
        caller.stdin.write(json.dumps({"rpc": rpc, "request": request}) + "\n")
        caller.stdin.flush()
        line = caller.stdout.readline()
        test.assertTrue(line, f"the caller has ended at {rpc}")
        return json.loads(line)

    return ask


def call_every_rpc(test, ask):
    calls = all_calls.AllCalls(test, ask)
    calls.run()
    test.assertEqual(calls.called, rpcs())


class Language(unittest.TestCase):
    """What its example and its stubs do."""

    walk = None  # Set before the tests run.

    def setUp(self):
        # The README's commands look for the token in the top folder's `data`.
        shutil.rmtree(self.walk.tree / "data", ignore_errors=True)
        for cursor in self.walk.tree.glob("examples/*/*.cursor"):
            cursor.unlink()
        self.gateway = gateway.Gateway(OPTIONS.programs, self.walk.tree)
        self.addCleanup(self.gateway.kill)
        self.gateway.start()
        self.said = 0

    def say(self, body):
        """A lead writes, each time in a new conversation."""
        self.said += 1
        self.gateway.lead_writes(self.said, self.said, body)

    def typed(self, word):
        return self.walk.run(self.walk.command(word), self.gateway.grpc)

    def test_list_crosses_pages(self):
        for number in range(55):
            self.say(f"number {number}")
        lines = self.typed("list").splitlines()
        self.assertEqual(len(lines), 56)
        self.assertEqual(len({line.split()[0] for line in lines}), 56)
        self.assertIn("1 number 0", lines)

    def test_reply_is_stored(self):
        said = self.typed("reply").split()
        part = self.gateway.get("conversations/1000000000002/parts")[0]
        self.assertEqual([said[0], int(said[1])], ["part", int(part["id"])])
        self.assertIn("Hello from", part["body"])

    def refusing_gateway(self):
        """The process of one, and where it listens."""
        refusing = subprocess.Popen(
            [OPTIONS.programs.parent / "tests/interop_refusing_gateway"],
            env=os.environ | {"CHATGATE_TOKEN": self.gateway.token()},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.addCleanup(refusing.communicate)
        return refusing, refusing.stdout.readline().strip()

    def test_reply_waits_for_the_budget_and_is_sent_once(self):
        refusing, server = self.refusing_gateway()
        said = self.walk.run(self.walk.command("reply"), server)
        ids, _ = refusing.communicate()
        self.assertRegex(said, r"^part \d+$")
        self.assertEqual(len(ids.split()), 3)
        self.assertEqual(len(set(ids.split())), 1)

    def test_follow_waits_as_it_is_asked_and_ends_where_that_cannot_help(self):
        _, server = self.refusing_gateway()
        follower = self.walk.start(self.walk.command("follow"), server)
        self.addCleanup(walk.end, follower)
        refused = {}
        for line in follower.stderr:
            for why in ("too many streams", "a record is damaged"):
                if why in line:
                    refused[why] = time.monotonic()
        self.assertNotEqual(follower.wait(), 0)
        # Its pace is its own where it is not asked: 0.2 s at most, at first.
        self.assertGreater(refused["a record is damaged"] - refused["too many streams"], 1.4)

    def test_follow_misses_and_doubles_nothing(self):
        follower = self.follow()
        for number in range(20):
            self.say(f"before {number}")
        self.await_body(follower, "before 9")
        # The other ten may be anywhere on their way.
        self.gateway.kill()
        self.gateway.start()
        for number in range(20):
            self.say(f"after {number}")
        self.gateway.stop()
        self.gateway.start()
        self.say("at last")
        seqs = self.await_body(follower, "at last")
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))

        self.await_saved_cursor(len(seqs))
        walk.end(follower)
        for number in range(3):
            self.say(f"meanwhile {number}")
        again = self.follow()
        self.assertEqual(
            self.await_body(again, "meanwhile 2"), list(range(len(seqs) + 1, len(seqs) + 4))
        )

    def follow(self):
        follower = self.walk.start(self.walk.command("follow"), self.gateway.grpc)
        self.addCleanup(walk.end, follower)
        follower.seqs = []
        return follower

    def await_body(self, follower, body):
        """The seqs that the follower has printed, up to the event with this text."""
        for line in follower.stdout:
            follower.seqs.append(int(line.split()[0]))
            if line.rstrip().endswith(body):
                return follower.seqs
        self.fail(f"the follower has ended: {follower.stderr.read()}")

    def await_saved_cursor(self, count):
        """Until the follower has kept that it handled so many events."""
        cursor = self.gateway.events(count, self.gateway.token())[-1]["cursor"]
        [file] = self.walk.tree.glob("examples/*/*.cursor")
        deadline = time.monotonic() + 60
        while file.read_text("utf-8").strip() != cursor:
            self.assertLess(time.monotonic(), deadline, "the cursor is not saved")
            time.sleep(0.01)

    def test_calls_every_rpc(self):
        command = LANGUAGES[OPTIONS.language][1].format(programs=OPTIONS.programs)
        script = f"{self.walk.command('list').splitlines()[0]}\nexec {command}"
        caller = self.walk.start(script, self.gateway.grpc)

        self.addCleanup(walk.end, caller)
        call_every_rpc(self, asking(self, caller))


class Grpcurl(unittest.TestCase):
    """Everything that grpcurl knows it has from reflection."""

    def setUp(self):
        shutil.rmtree(OPTIONS.work, ignore_errors=True)
        OPTIONS.work.mkdir(parents=True)
        self.gateway = gateway.Gateway(OPTIONS.programs, OPTIONS.work)
        self.addCleanup(self.gateway.kill)
        self.gateway.start()

    def grpcurl(self, *arguments):
        bearer = f"authorization: Bearer {self.gateway.token()}"
        return subprocess.run(
            [tool("grpcurl"), "-plaintext", "-H", bearer, *arguments],
            capture_output=True, text=True, timeout=60,
        )

    def test_lists_and_describes(self):
        listed = self.grpcurl(self.gateway.grpc, "list", "chatgate.v1.ChatService")
        names = {line.rpartition(".")[2] for line in listed.stdout.split()}
        self.assertEqual(names - {"Subscribe"}, rpcs())
        for name in rpcs():
            method = self.grpcurl(self.gateway.grpc, "describe", f"chatgate.v1.ChatService.{name}")
            self.assertIn(f"rpc {name} ( .chatgate.v1.{name}Request )", method.stdout)
            message = self.grpcurl(self.gateway.grpc, "describe", f"chatgate.v1.{name}Request")
            self.assertIn(f"message {name}Request", message.stdout)

    def test_calls_every_rpc(self):
        def ask(rpc, request):
            done = self.grpcurl(
                "-format-error", "-d", json.dumps(request), self.gateway.grpc, f"chatgate.v1.ChatService/{rpc}"
            )
            if done.returncode == 0:
                return {"ok": json.loads(done.stdout, object_hook=in_camel_case)}
            error = json.loads(done.stderr)
            reasons = [detail.get("reason") for detail in error.get("details", [])]
            return {"code": CODES.get(error["code"]), "reason": "".join(reasons[:1])}

        call_every_rpc(self, ask)


class Java(unittest.TestCase):
    """Stubs alone: Java has no example."""

    def test_calls_every_rpc(self):
        server = gateway.Gateway(OPTIONS.programs, OPTIONS.work)
        shutil.rmtree(server.data, ignore_errors=True)
        self.addCleanup(server.kill)
        server.start()
        caller = subprocess.Popen(
            ["java", "-cp", "target/classes:target/lib/*", "Caller"],
            cwd=OPTIONS.work / "caller", text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | {"CHATGATE_SERVER": server.grpc, "CHATGATE_TOKEN": server.token()},
            start_new_session=True,
        )
        self.addCleanup(walk.end, caller)
        call_every_rpc(self, asking(self, caller))


def build_java():
    """With Maven, unless nothing has changed since the last time."""
    source = OPTIONS.source / "tests/interop/callers/java"
    caller, done = OPTIONS.work / "caller", OPTIONS.work / "done"
    inputs = walk.digest([source, OPTIONS.source / "proto"])
    if done.exists() and done.read_text("utf-8") == inputs:
        return
    shutil.copytree(source, caller, dirs_exist_ok=True)
    proto = f"-Dproto.folder={OPTIONS.source / 'proto'}"
    built = subprocess.run(
        ["mvn", "-q", "-B", proto, "compile"], cwd=caller, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    if built.returncode != 0:
        skipping.skip("java", f"Maven cannot build the caller:\n{built.stdout}")
    done.write_text(inputs, "utf-8")


SUFFIXES = {"cpp": "cc", "python": "py", "go": "go", "typescript": "ts"}
CODES = {5: "NOT_FOUND", 12: "UNIMPLEMENTED"}


def in_camel_case(names):
    """grpcurl writes a field's name as the contract has it."""
    return {re.sub("_([a-z])", lambda m: m[1].upper(), name): names[name] for name in names}


def tool(name):
    """A program of scripts/deps, or of the machine; None where there is none."""
    own = OPTIONS.source / "build/tools/bin" / name
    return str(own) if own.exists() else shutil.which(name)


def walk_through_readme():
    caller = OPTIONS.source / f"tests/interop/callers/caller.{SUFFIXES[OPTIONS.language]}"
    # C++'s is built with the product.
    copied = None if caller.suffix == ".cc" else caller
    try:
        Language.walk = walk.Walk(OPTIONS.source, OPTIONS.work, OPTIONS.language, copied)
    except walk.DownloadFailed as why:
        skipping.skip(OPTIONS.language, f"what its README installs is not to be had:\n{why}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("language", choices=[*LANGUAGES, *OTHERS])
    for folder in ("source", "programs", "work"):
        parser.add_argument(f"--{folder}", type=pathlib.Path, required=True)
    parser.parse_args(namespace=OPTIONS)
    needed = OTHERS.get(OPTIONS.language) or LANGUAGES[OPTIONS.language][0]
    for name in needed:
        if tool(name) is None:
            skipping.skip(OPTIONS.language, f"there is no {name}; scripts/deps --interop installs it")
    if OPTIONS.language in LANGUAGES:
        walk_through_readme()
    elif OPTIONS.language == "java":
        build_java()
    tests = {"java": Java, "grpcurl": Grpcurl}.get(OPTIONS.language, Language)
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(tests)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()

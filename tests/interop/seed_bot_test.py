#!/usr/bin/env python3
"""examples/seed_bot answers a lead: the platform's webhook out reaches it, and its call of
the REST form is stored.

    seed_bot_test.py --source REPOSITORY --programs FOLDER --work FOLDER
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import gateway
import skipping

OPTIONS = argparse.Namespace()
TOKENS = {
    "AUTH_TOKEN": "token-of-the-app",
    "WEBHOOK_TOKEN": "token-of-the-webhooks",
    "CHATGATE_TOKEN": "token-of-the-caller",
}


class SeedBotTest(unittest.TestCase):
    def setUp(self):
        shutil.rmtree(OPTIONS.work / "data", ignore_errors=True)
        self.bot = None
        self.gateway = None
        self.addCleanup(self.stop)

    def stop(self):
        if self.gateway:
            self.gateway.kill()
        if self.bot:
            self.bot.kill()
            self.bot.communicate()

    def start(self):
        """The bot has to know the gateway's port and the gateway the bot's: the gateway
        starts twice."""
        example = OPTIONS.source / "examples/seed_bot"
        config = OPTIONS.work / "chatgate.textproto"
        shutil.copy2(example / "chatgate.textproto", config)
        self.gateway = gateway.Gateway(OPTIONS.programs, OPTIONS.work, config, TOKENS)
        self.gateway.start()
        self.gateway.kill()
        self.bot = subprocess.Popen(
            [OPTIONS.work / "venv/bin/python", "-B", example / "receive.py", "0"],
            env=os.environ | TOKENS | {"API": f"http://{self.gateway.http}"},
            stdout=subprocess.PIPE, text=True,
        )
        port = self.bot.stdout.readline().strip()
        config.write_text(config.read_text("utf-8").replace(":8081/", f":{port}/"), "utf-8")
        self.gateway.start()

    def await_bodies(self, count):
        """The texts of the first events, once there are that many."""
        events = self.gateway.events(count, TOKENS["CHATGATE_TOKEN"])
        return [_part(event)["body"] for event in events]

    def test_answers_what_it_knows_and_nothing_else(self):
        self.start()
        token = TOKENS["AUTH_TOKEN"]
        asked = "Well. hello, how are YOU today?"
        begin = {"by_user_id": "true"}
        conversation = self.gateway.post("users/ada/startconversation", token, **begin, body=asked)["id"]
        self.assertEqual(self.await_bodies(2), [asked, "Hey, great!"])
        stored = self.gateway.get(f"conversations/{conversation}/parts", token)
        self.assertEqual([stored[0]["body"], stored[0]["from"]["type"]], ["Hey, great!", "bot"])

        write = f"conversations/{conversation}/reply"
        self.gateway.post(write, token, from_user="true", body="Fine.")
        self.gateway.post(write, token, from_user="true", body="# Hello, how are you")
        self.assertEqual(
            self.await_bodies(5)[2:], ["Fine.", "# Hello, how are you", "Hey, great!"]
        )


def _part(event):
    return event["dashly_conversation"]["conversation"]


def main():
    parser = argparse.ArgumentParser()
    for folder in ("source", "programs", "work"):
        parser.add_argument(f"--{folder}", type=pathlib.Path, required=True)
    parser.parse_args(namespace=OPTIONS)
    OPTIONS.work.mkdir(parents=True, exist_ok=True)
    install()
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(SeedBotTest)
    sys.exit(0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1)


def install():
    requirements = OPTIONS.source / "examples/seed_bot/requirements.txt"
    environment = OPTIONS.work / "venv"
    for command in (
        ["python3", "-m", "venv", environment],
        [environment / "bin/pip", "install", "-r", requirements],
    ):
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode != 0:
            skipping.skip("seed_bot", f"Python's packages are not to be had:\n{done.stdout}")


if __name__ == "__main__":
    main()

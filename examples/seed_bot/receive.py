"""Hands webhooks to the bot: python receive.py PORT

Prints the port it listens on (0 takes a free one). WEBHOOK_TOKEN tells who may post.
"""

import hmac
import http.server
import os
import sys
import urllib.parse

import bot

BODY_MAX = 1 << 20


class Receiver(http.server.BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if not 0 <= length <= BODY_MAX:
            return self.answer(413)
        fields = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
        token = os.environ["WEBHOOK_TOKEN"]
        if not hmac.compare_digest(fields.get("token", "").encode(), token.encode()):
            return self.answer(401)
        if fields.get("type") == "conversation":
            bot.run(fields)
        # Only 200 is a success; anything else is posted again.
        self.answer(200)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print(server.server_port, flush=True)
    server.serve_forever()


main()

"""Lists chats, answers one, and follows what happens in all of them.

    python chats.py list
    python chats.py reply CONVERSATION TEXT
    python chats.py follow CURSOR_FILE

The gateway is CHATGATE_SERVER (default 127.0.0.1:50051), its token CHATGATE_TOKEN.
"""

import os
import random
import signal
import sys
import threading
import time
import uuid

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "gen"))
from chatgate.v1 import chat_service_pb2 as v1
from chatgate.v1 import chat_service_pb2_grpc as v1_grpc

PATIENCE_S = 120  # How long a reply may wait for the budget, or for the gateway.
SILENCE_S = 45  # The gateway speaks every 15 seconds.
WAIT_MIN_S, WAIT_MAX_S = 0.2, 30  # Before a stream is opened again; doubled in between.


def connect():
    """A stub, and the metadata that every call carries."""
    channel = grpc.insecure_channel(
        os.environ.get("CHATGATE_SERVER", "127.0.0.1:50051"),
        options=[
            # Finds a dead connection under a silent stream.
            ("grpc.keepalive_time_ms", 20_000),
            ("grpc.keepalive_timeout_ms", 10_000),
            # Else a gateway that was away for a while is not asked for two minutes.
            ("grpc.max_reconnect_backoff_ms", 5_000),
        ],
    )
    metadata = [("authorization", "Bearer " + os.environ["CHATGATE_TOKEN"])]
    return v1_grpc.ChatServiceStub(channel), metadata


def list_conversations(stub, metadata):
    """Every conversation, page by page."""
    request = v1.ListConversationsRequest(include_not_assigned=True, page_size=50)
    while True:
        page = stub.ListConversations(request, metadata=metadata, timeout=10)
        yield from page.conversations
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


# Nobody answered, or not in time, as while the gateway restarts.
UNANSWERED = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.ABORTED,
}


def asked_delay(error):
    """Seconds that the gateway asks to wait for, in `grpc-status-details-bin`, or None."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        retry = error_details_pb2.RetryInfo()
        if detail.Unpack(retry):
            return retry.retry_delay.ToTimedelta().total_seconds()
    return None


def retry_delay(error):
    """Seconds to wait before the same call is sent again; None where that cannot help."""
    asked = asked_delay(error)
    if asked is None and error.code() in UNANSWERED:
        return 1.0  # A lost connection cannot ask.
    return asked


def reply(stub, metadata, conversation_id, body):
    """Answers once, however often it has to ask: request_id stays the same."""
    request = v1.ReplyToConversationRequest(
        conversation_id=conversation_id, body=body, request_id=str(uuid.uuid4())
    )
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return stub.ReplyToConversation(request, metadata=metadata, timeout=10).part
        except grpc.RpcError as error:
            delay = retry_delay(error)
            if delay is None or time.monotonic() + delay > deadline:
                raise
            print(f"{error.code().name}: again in {delay:g} s", file=sys.stderr)
            time.sleep(delay)


# What cannot get better by opening the stream again.
FINAL = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.DATA_LOSS,
}


def follow(stub, metadata, cursor_file, handle):
    """Hands every event to `handle`, from where it stopped last time, for ever."""
    cursor = ""
    if os.path.exists(cursor_file):
        with open(cursor_file, encoding="utf-8") as file:
            cursor = file.read().strip()
    wait = WAIT_MIN_S  # Where the gateway names none.
    while True:
        delay = None
        request = v1.SubscribeRequest(cursor=cursor)
        if not cursor:
            request.start = v1.START_EARLIEST
        stream = stub.Subscribe(request, metadata=metadata)
        heard = cancel_when_silent(stream)
        try:
            for response in stream:
                heard()
                if response.HasField("gap"):
                    gap = response.gap
                    print(f"events {gap.first_seq} to {gap.last_seq} are gone", file=sys.stderr)
                for event in response.events:
                    handle(event)
                    wait = WAIT_MIN_S
                if response.cursor:
                    cursor = response.cursor  # Moves in heartbeats, too.
                    save(cursor_file, cursor)
                if response.HasField("reconnect"):
                    delay = response.reconnect.delay.ToTimedelta().total_seconds()
        except grpc.RpcError as error:
            if error.code() in FINAL:
                raise
            if delay is None:
                delay = asked_delay(error)
            print(f"{error.code().name}: {error.details()}", file=sys.stderr)
        if delay is None:
            delay = wait * random.uniform(0.5, 1.0)  # Not everybody at once.
            wait = min(2 * wait, WAIT_MAX_S)
        time.sleep(delay)


def cancel_when_silent(stream):
    """The function to call whenever the stream has said something."""
    last = time.monotonic()

    def heard():
        nonlocal last
        last = time.monotonic()

    def watch():
        while stream.is_active():
            time.sleep(SILENCE_S / 9)
            if time.monotonic() - last > SILENCE_S:
                stream.cancel()

    threading.Thread(target=watch, daemon=True).start()
    return heard


def save(path, text):
    """Either the old text is in the file or the new one, never half of it."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def print_event(event):
    part = event.dashly_conversation.conversation
    print(event.seq, event.conversation, part.body, flush=True)


def main(arguments):
    # Ctrl-C and a closed pipe end the program quietly.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    stub, metadata = connect()
    try:
        match arguments:
            case ["list"]:
                for conversation in list_conversations(stub, metadata):
                    print(conversation.id, conversation.part_last.body)
            case ["reply", conversation_id, body]:
                print("part", reply(stub, metadata, int(conversation_id), body).id)
            case ["follow", cursor_file]:
                follow(stub, metadata, cursor_file, print_event)
            case _:
                sys.exit(__doc__)
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")


if __name__ == "__main__":
    main(sys.argv[1:])

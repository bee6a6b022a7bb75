"""Calls what standard input asks for, with Python's stubs: tests/interop/README.md."""

import json
import os
import sys

import grpc
from google.protobuf import json_format
from google.rpc import error_details_pb2
from grpc_status import rpc_status

sys.path.insert(0, "gen")
from chatgate.v1 import chat_service_pb2 as v1
from chatgate.v1 import chat_service_pb2_grpc as v1_grpc


def reason(error):
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return info.reason
    return ""


def main():
    channel = grpc.insecure_channel(os.environ["CHATGATE_SERVER"])
    stub = v1_grpc.ChatServiceStub(channel)
    metadata = [("authorization", "Bearer " + os.environ["CHATGATE_TOKEN"])]
    for line in sys.stdin:
        asked = json.loads(line)
        request = json_format.ParseDict(asked["request"], getattr(v1, asked["rpc"] + "Request")())
        try:
            response = getattr(stub, asked["rpc"])(request, metadata=metadata, timeout=30)
            answer = {"ok": json_format.MessageToDict(response)}
        except grpc.RpcError as error:
            answer = {"code": error.code().name, "reason": reason(error)}
        print(json.dumps(answer), flush=True)


main()

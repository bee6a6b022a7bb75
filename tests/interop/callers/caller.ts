// Calls what standard input asks for, with TypeScript's stubs: tests/interop/README.md.

import { createInterface } from "node:readline";

import { Metadata, credentials, status } from "@grpc/grpc-js";
import type { CallOptions, ServiceError } from "@grpc/grpc-js";

import * as v1 from "./gen/chatgate/v1/chat_service.js";
import { ErrorInfo, Status } from "./gen/google_rpc.js";

interface Message {
  fromJSON(json: unknown): unknown;
  toJSON(message: unknown): unknown;
}
type Method = (
  request: unknown,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: unknown) => void,
) => void;

const client = new v1.ChatServiceClient(process.env.CHATGATE_SERVER!, credentials.createInsecure());
const metadata = new Metadata();
metadata.set("authorization", `Bearer ${process.env.CHATGATE_TOKEN}`);

function reason(error: ServiceError): string {
  for (const bytes of error.metadata.get("grpc-status-details-bin")) {
    for (const detail of Status.decode(bytes as Buffer).details) {
      if (detail.typeUrl.endsWith("/google.rpc.ErrorInfo")) return ErrorInfo.decode(detail.value).reason;
    }
  }
  return "";
}

function ask(rpc: string, json: unknown): Promise<unknown> {
  const messages = v1 as unknown as Record<string, Message>;
  const methods = client as unknown as Record<string, Method>;
  const name = rpc[0].toLowerCase() + rpc.slice(1);
  return new Promise((resolve) => {
    const request = messages[`${rpc}Request`].fromJSON(json);
    const options = { deadline: Date.now() + 30_000 };
    methods[name](request, metadata, options, (error, response) => {
      if (error) resolve({ code: status[error.code], reason: reason(error) });
      else resolve({ ok: messages[`${rpc}Response`].toJSON(response) });
    });
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const { rpc, request } = JSON.parse(line);
  console.log(JSON.stringify(await ask(rpc, request)));
}
client.close();

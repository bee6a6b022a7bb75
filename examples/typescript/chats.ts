// Lists chats, answers one, and follows what happens in all of them.
//
//   node dist/chats.js list
//   node dist/chats.js reply CONVERSATION TEXT
//   node dist/chats.js follow CURSOR_FILE
//
// The gateway is CHATGATE_SERVER (default 127.0.0.1:50051), its token CHATGATE_TOKEN.

import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { Metadata, credentials, status } from "@grpc/grpc-js";
import type { CallOptions, ClientUnaryCall, ServiceError } from "@grpc/grpc-js";

import {
  ChatServiceClient,
  ListConversationsRequest,
  ReplyToConversationRequest,
  Start,
  SubscribeRequest,
} from "./gen/chatgate/v1/chat_service.js";
import type { Event } from "./gen/chatgate/v1/events.js";
import type { Conversation, ConversationPart } from "./gen/chatgate/v1/resources.js";
import { RetryInfo, Status } from "./gen/google_rpc.js";

// How long a reply may wait for the budget, or for the gateway.
const PATIENCE_MS = 120_000;
// The gateway speaks every 15 seconds.
const SILENCE_MS = 45_000;
// Before a stream is opened again; doubled in between.
const WAIT_MIN_MS = 200;
const WAIT_MAX_MS = 30_000;

const client = new ChatServiceClient(
  process.env.CHATGATE_SERVER ?? "127.0.0.1:50051",
  credentials.createInsecure(),
  {
    // Finds a dead connection under a silent stream.
    "grpc.keepalive_time_ms": 20_000,
    "grpc.keepalive_timeout_ms": 10_000,
    // Else a gateway that was away for a while is not asked for two minutes.
    "grpc.max_reconnect_backoff_ms": 5_000,
  },
);
const metadata = new Metadata();
metadata.set("authorization", `Bearer ${process.env.CHATGATE_TOKEN}`);

type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/** A call as a promise: `await call(client.getUser, request)`. */
function call<Request, Response>(method: Unary<Request, Response>, request: Request): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + 10_000 };
    method.call(client, request, metadata, options, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

/** Every conversation, page by page. */
async function* listConversations(): AsyncGenerator<Conversation> {
  for (let pageToken = ""; ; ) {
    const request = ListConversationsRequest.fromPartial({ includeNotAssigned: true, pageSize: 50, pageToken });
    const page = await call(client.listConversations, request);
    yield* page.conversations;
    if (page.nextPageToken === "") return;
    pageToken = page.nextPageToken;
  }
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "metadata" in error;
}

// Nobody answered, or not in time, as while the gateway restarts.
const UNANSWERED = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.ABORTED];

/** How long the gateway asks to wait, in `grpc-status-details-bin`. */
function askedDelayMs(error: ServiceError): number | undefined {
  for (const bytes of error.metadata.get("grpc-status-details-bin")) {
    for (const detail of Status.decode(bytes as Buffer).details) {
      if (detail.typeUrl !== "type.googleapis.com/google.rpc.RetryInfo") continue;
      const delay = RetryInfo.decode(detail.value).retryDelay;
      return Number(delay?.seconds ?? 0) * 1000 + (delay?.nanos ?? 0) / 1e6;
    }
  }
  return undefined;
}

/** How long to wait before the same call is sent again; undefined where that cannot help. */
function retryDelayMs(error: ServiceError): number | undefined {
  // A lost connection cannot ask.
  return askedDelayMs(error) ?? (UNANSWERED.includes(error.code) ? 1000 : undefined);
}

/** Answers once, however often it has to ask: the request id stays the same. */
async function reply(conversationId: string, body: string): Promise<ConversationPart | undefined> {
  const request = ReplyToConversationRequest.fromPartial({ conversationId, body, requestId: randomUUID() });
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return (await call(client.replyToConversation, request)).part;
    } catch (error) {
      const delay = isServiceError(error) ? retryDelayMs(error) : undefined;
      if (delay === undefined || Date.now() + delay > deadline) throw error;
      console.error(`${status[(error as ServiceError).code]}: again in ${delay} ms`);
      await sleep(delay);
    }
  }
}

// What cannot get better by opening the stream again.
const FINAL = [
  status.INVALID_ARGUMENT,
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.UNIMPLEMENTED,
  status.DATA_LOSS,
];

/** Hands every event to `handle`, from where it stopped last time, for ever. */
async function follow(cursorFile: string, handle: (event: Event) => void): Promise<never> {
  let cursor = existsSync(cursorFile) ? readFileSync(cursorFile, "utf8").trim() : "";
  let wait = WAIT_MIN_MS; // Where the gateway names none.
  for (;;) {
    let delay: number | undefined;
    const start = cursor === "" ? Start.START_EARLIEST : Start.START_UNSPECIFIED;
    const stream = client.subscribe(SubscribeRequest.fromPartial({ cursor, start }), metadata);
    const silence = setTimeout(() => stream.cancel(), SILENCE_MS);
    try {
      for await (const response of stream) {
        silence.refresh();
        if (response.gap) console.error(`events ${response.gap.firstSeq} to ${response.gap.lastSeq} are gone`);
        response.events.forEach(handle);
        if (response.events.length > 0) wait = WAIT_MIN_MS;
        if (response.cursor !== "") {
          cursor = response.cursor; // Moves in heartbeats, too.
          save(cursorFile, cursor);
        }
        const asked = response.reconnect?.delay;
        if (asked) delay = Number(asked.seconds) * 1000 + asked.nanos / 1e6;
      }
    } catch (error) {
      if (!isServiceError(error) || FINAL.includes(error.code)) throw error;
      console.error(error.message);
      delay ??= askedDelayMs(error);
    } finally {
      clearTimeout(silence);
    }
    if (delay === undefined) {
      delay = wait * (0.5 + Math.random() / 2); // Not everybody at once.
      wait = Math.min(2 * wait, WAIT_MAX_MS);
    }
    await sleep(delay);
  }
}

/** Either the old text is in the file or the new one, never half of it. */
function save(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

function printEvent(event: Event): void {
  const body = event.payload?.$case === "dashlyConversation" ? event.payload.value.conversation?.body : "";
  console.log(event.seq, event.conversation, body);
}

async function main(command?: string, ...rest: string[]): Promise<void> {
  if (command === "list" && rest.length === 0) {
    for await (const conversation of listConversations()) console.log(conversation.id, conversation.partLast?.body);
  } else if (command === "reply" && rest.length === 2) {
    console.log("part", (await reply(rest[0], rest[1]))?.id);
  } else if (command === "follow" && rest.length === 1) {
    await follow(rest[0], printEvent);
  } else {
    throw new Error("usage: node dist/chats.js list | reply CONVERSATION TEXT | follow CURSOR_FILE");
  }
}

main(...process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
}).finally(() => client.close());

// Lists chats, answers one, and follows what happens in all of them.
//
//   chats list
//   chats reply CONVERSATION TEXT
//   chats follow CURSOR_FILE
//
// The gateway is CHATGATE_SERVER (default 127.0.0.1:50051), its token
// CHATGATE_TOKEN.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "chatgate/v1/chat_service.grpc.pb.h"
#include "google_rpc.pb.h"

namespace v1 = chatgate::v1;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// How long a reply may wait for the budget, or for the gateway.
constexpr auto kPatience = std::chrono::minutes(2);
// The gateway speaks every 15 seconds.
constexpr auto kSilenceMax = std::chrono::seconds(45);
// Before a stream is opened again; doubled in between.
constexpr milliseconds kWaitMin(200);
constexpr milliseconds kWaitMax(30'000);

std::string Environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

std::unique_ptr<v1::ChatService::Stub> Connect() {
  grpc::ChannelArguments arguments;
  // Finds a dead connection under a silent stream.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  // Else a gateway that was away for a while is not asked for two minutes.
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  return v1::ChatService::NewStub(grpc::CreateCustomChannel(
      Environment("CHATGATE_SERVER", "127.0.0.1:50051"),
      grpc::InsecureChannelCredentials(), arguments));
}

void Authorize(grpc::ClientContext& context) {
  context.AddMetadata("authorization",
                      "Bearer " + Environment("CHATGATE_TOKEN", ""));
}

std::chrono::system_clock::time_point InTenSeconds() {
  return std::chrono::system_clock::now() + std::chrono::seconds(10);
}

// Hands every conversation to `handle`, page by page.
grpc::Status ListConversations(
    v1::ChatService::Stub& stub,
    const std::function<void(const v1::Conversation&)>& handle) {
  v1::ListConversationsRequest request;
  request.set_include_not_assigned(true);
  request.set_page_size(50);
  do {
    grpc::ClientContext context;
    Authorize(context);
    context.set_deadline(InTenSeconds());
    v1::ListConversationsResponse page;
    const grpc::Status status =
        stub.ListConversations(&context, request, &page);
    if (!status.ok()) return status;
    for (const v1::Conversation& one : page.conversations()) handle(one);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return grpc::Status::OK;
}

milliseconds ToMilliseconds(const google::protobuf::Duration& duration) {
  return milliseconds(duration.seconds() * 1000 + duration.nanos() / 1'000'000);
}

// How long the gateway asks to wait, in `grpc-status-details-bin`.
std::optional<milliseconds> AskedDelay(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::RetryInfo retry;
  // Stays empty where there are none.
  details.ParseFromString(status.error_details());
  for (const google::protobuf::Any& detail : details.details()) {
    if (detail.UnpackTo(&retry)) return ToMilliseconds(retry.retry_delay());
  }
  return std::nullopt;
}

// How long to wait before the same call is sent again; empty where that cannot
// help.
std::optional<milliseconds> RetryDelay(const grpc::Status& status) {
  if (const auto asked = AskedDelay(status)) return asked;
  switch (status.error_code()) {
    // Nobody answered, or not in time, as while the gateway restarts; it could
    // not ask.
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::ABORTED:
      return milliseconds(1000);
    default:
      return std::nullopt;
  }
}

std::string RandomId() {
  std::random_device random;
  char text[33];
  std::snprintf(text, sizeof(text), "%08x%08x%08x%08x", random(), random(),
                random(), random());
  return text;
}

// Answers once, however often it has to ask: the request id stays the same.
grpc::Status Reply(v1::ChatService::Stub& stub, uint64_t conversation,
                   const std::string& body, v1::ConversationPart* part) {
  v1::ReplyToConversationRequest request;
  request.set_conversation_id(conversation);
  request.set_body(body);
  request.set_request_id(RandomId());
  const auto deadline = Clock::now() + kPatience;
  while (true) {
    grpc::ClientContext context;
    Authorize(context);
    context.set_deadline(InTenSeconds());
    v1::ReplyToConversationResponse response;
    const grpc::Status status =
        stub.ReplyToConversation(&context, request, &response);
    if (status.ok()) {
      *part = response.part();
      return status;
    }
    const std::optional<milliseconds> delay = RetryDelay(status);
    if (!delay || Clock::now() + *delay > deadline) return status;
    std::cerr << "code " << status.error_code() << ": again in "
              << delay->count() << " ms\n";
    std::this_thread::sleep_for(*delay);
  }
}

// Opening the stream again cannot help.
bool IsFinal(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::DATA_LOSS:
      return true;
    default:
      return false;
  }
}

// Either the old text is in the file or the new one, never half of it. False:
// still the old one, as on a full disk.
bool Save(const std::string& path, const std::string& text) {
  std::ofstream file(path + ".new");
  file << text;
  file.close();  // Writes what is left.
  if (!file) return false;
  std::error_code error;
  std::filesystem::rename(path + ".new", path, error);
  return !error;
}

// Cancels the stream of `context`, which outlives this, when nothing was heard
// for too long.
class SilenceGuard {
 public:
  explicit SilenceGuard(grpc::ClientContext& context)
      : thread_([this, &context](std::stop_token stop) {
          std::unique_lock lock(mu_);
          while (Clock::now() < heard_ + kSilenceMax) {
            over_.wait_until(lock, stop, heard_ + kSilenceMax,
                             [] { return false; });
            if (stop.stop_requested()) return;
          }
          context.TryCancel();
        }) {}

  void Heard() {
    const std::lock_guard lock(mu_);
    heard_ = Clock::now();
  }

 private:
  std::mutex mu_;
  std::condition_variable_any over_;
  Clock::time_point heard_ = Clock::now();
  std::jthread thread_;  // Last: it uses the others.
};

// Hands every event to `handle`, from where it stopped last time, until the
// stream is refused or the cursor cannot be saved.
grpc::Status Follow(v1::ChatService::Stub& stub, const std::string& cursor_file,
                    const std::function<void(const v1::Event&)>& handle) {
  std::string cursor;
  std::ifstream(cursor_file) >> cursor;
  std::mt19937 random(std::random_device{}());
  milliseconds wait = kWaitMin;  // Where the gateway names none.
  while (true) {
    std::optional<milliseconds> delay;
    grpc::ClientContext context;
    Authorize(context);
    v1::SubscribeRequest request;
    request.set_cursor(cursor);
    if (cursor.empty()) request.set_start(v1::START_EARLIEST);
    const auto stream = stub.Subscribe(&context, request);
    SilenceGuard silence(context);
    v1::SubscribeResponse response;
    while (stream->Read(&response)) {
      silence.Heard();
      if (response.has_gap()) {
        std::cerr << "events " << response.gap().first_seq() << " to "
                  << response.gap().last_seq() << " are gone\n";
      }
      for (const v1::Event& event : response.events()) handle(event);
      if (!response.events().empty()) wait = kWaitMin;
      if (!response.cursor().empty()) {
        cursor = response.cursor();  // Moves in heartbeats, too.
        if (!Save(cursor_file, cursor)) {
          context.TryCancel();
          stream->Finish();
          return grpc::Status(grpc::StatusCode::INTERNAL,
                              "cannot write " + cursor_file);
        }
      }
      if (response.has_reconnect()) {
        delay = ToMilliseconds(response.reconnect().delay());
      }
    }
    const grpc::Status status = stream->Finish();
    if (IsFinal(status)) return status;
    if (!status.ok()) {
      std::cerr << "code " << status.error_code() << ": "
                << status.error_message() << '\n';
      if (!delay) delay = AskedDelay(status);
    }
    if (!delay) {
      // Not everybody at once.
      delay = wait / 2 + milliseconds(random() % (wait.count() / 2));
      wait = std::min(2 * wait, kWaitMax);
    }
    std::this_thread::sleep_for(*delay);
  }
}

void PrintEvent(const v1::Event& event) {
  std::cout << event.seq() << ' ' << event.conversation() << ' '
            << event.dashly_conversation().conversation().body() << std::endl;
}

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string command = arguments.empty() ? "" : arguments[0];
  const std::unique_ptr<v1::ChatService::Stub> stub = Connect();
  grpc::Status status;
  if (command == "list" && argc == 2) {
    status = ListConversations(*stub, [](const v1::Conversation& one) {
      std::cout << one.id() << ' ' << one.part_last().body() << '\n';
    });
  } else if (command == "reply" && argc == 4) {
    v1::ConversationPart part;
    status =
        Reply(*stub, std::strtoull(argv[2], nullptr, 10), arguments[2], &part);
    if (status.ok()) std::cout << "part " << part.id() << '\n';
  } else if (command == "follow" && argc == 3) {
    status = Follow(*stub, arguments[1], PrintEvent);
  } else {
    std::cerr << "usage: chats list | reply CONVERSATION TEXT | "
                 "follow CURSOR_FILE\n";
    return 2;
  }
  if (status.ok()) return 0;
  std::cerr << "code " << status.error_code() << ": " << status.error_message()
            << '\n';
  return 1;
}

#ifndef CHATGATE_TESTS_INTEGRATION_GATEWAY_H_
#define CHATGATE_TESTS_INTEGRATION_GATEWAY_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "chatgate/v1/chat_service.grpc.pb.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace chatgate {

// The path of a built program, such as "chatgate".
std::string Binary(const std::string& name);

// What a file of tests/golden/webhooks holds.
std::string WebhookSample(const std::string& name);

inline constexpr char kCallerToken[] = "caller-token-of-the-tests";
inline constexpr char kApiToken[] = "api-token-of-the-tests";
inline constexpr char kWebhookToken[] = "webhook-token-of-the-tests";
inline constexpr char kChatlioSecret[] = "chatlio-secret-of-the-tests";

struct HttpAnswer {
  int status = 0;  // 0 when there was no answer.
  std::string body;
};

// A real gateway with one app, 777, on the embedded platform, in a folder of
// its own. It may be killed and started again; its ports stay the same.
class Gateway {
 public:
  // `embedded`: more of the app's `embedded { ... }`.
  explicit Gateway(const std::string& embedded = "");
  // Replaces `embedded { ... }`, from the next Start on.
  void SetPlatform(const std::string& platform);

  // What Start runs, the gateway's own arguments behind it: a built program and
  // what it is to be told first.
  void SetProgram(std::vector<std::string> program) {
    program_ = std::move(program);
  }

  // Starts the program and waits for its ready line.
  absl::Status Start();
  // kill -9.
  void KillHard() { process_->KillHard(); }
  // SIGTERM; the exit code.
  int Stop();

  const std::string& grpc_address() const { return grpc_address_; }
  const std::string& http_address() const { return http_address_; }
  const std::string& directory() const { return directory_.path(); }
  ChildProcess& process() { return *process_; }

  // A stub on a connection of its own.
  std::unique_ptr<v1::ChatService::Stub> NewStub() const;
  // Puts the caller's token, and a deadline of 20 s, into a call.
  static void Authorize(grpc::ClientContext* context);

  // Posts a body, as `content_type`, to a path. Status 0 when the gateway is
  // away.
  HttpAnswer Post(const std::string& path, const std::string& body,
                  const std::string& content_type) const;
  // Posts a Dashly `type=conversation` webhook that holds this JSON.
  HttpAnswer PostDashly(const std::string& conversation_json) const;

 private:
  TempDir directory_;
  std::vector<std::string> program_ = {"chatgate"};
  std::string config_path_;
  std::string grpc_address_ = "127.0.0.1:0";
  std::string http_address_ = "127.0.0.1:0";
  std::unique_ptr<ChildProcess> process_;
};

// A Dashly part from the lead 85648207, as JSON.
std::string LeadPart(uint64_t id, uint64_t conversation,
                     const std::string& body);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_INTEGRATION_GATEWAY_H_

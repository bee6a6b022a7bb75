#ifndef CHATGATE_TESTS_BENCH_CONVERSATION_SCRIPT_H_
#define CHATGATE_TESTS_BENCH_CONVERSATION_SCRIPT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "chatgate/v1/chat_service.pb.h"
#include "tests/bench/unary_load.h"

namespace chatgate {

struct ConversationScriptOptions {
  // How old an answer may be.
  absl::Duration max_staleness = absl::ZeroDuration();
  // No two requests are the same: a field that nobody knows tells them apart,
  // so that no answer is known.
  bool each_anew = false;
};

// ConversationScript gets conversations by their ids, one after the other.
// Every answer about one is compared with the first one: byte by byte, and
// where the bytes differ (maps have no order) as messages, once for each form.
class ConversationScript final : public UnaryScript {
 public:
  explicit ConversationScript(std::vector<uint64_t> ids,
                              const ConversationScriptOptions& options = {});

  std::string Method() const override;
  grpc::ByteBuffer Request(uint64_t n) override;
  absl::Status Check(uint64_t n, const std::string& reply) override;

  // The first answer about the first conversation; empty before it came.
  std::string reply() const;

  // DATA_LOSS unless both were told the same of every conversation.
  absl::Status CheckSame(const ConversationScript& other) const;

 private:
  struct Conversation {
    uint64_t id = 0;
    std::string request_bytes;
    grpc::ByteBuffer request;
    std::vector<std::string> replies;  // In every form that came.
  };

  const bool each_anew_;
  std::vector<Conversation> conversations_;
};

// EchoScript sends the same requests to a server that knows one reply.
class EchoScript final : public UnaryScript {
 public:
  // `script` outlives this.
  EchoScript(ConversationScript& script, std::string reply)
      : script_(script), reply_(std::move(reply)) {}

  std::string Method() const override { return script_.Method(); }
  grpc::ByteBuffer Request(uint64_t n) override { return script_.Request(n); }
  absl::Status Check(uint64_t n, const std::string& reply) override;

 private:
  ConversationScript& script_;
  const std::string reply_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_CONVERSATION_SCRIPT_H_

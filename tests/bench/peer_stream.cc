#include "tests/bench/peer_stream.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

// Takes a line off the front; false where there is no whole one.
bool TakeLine(absl::string_view* bytes, absl::string_view* line) {
  const size_t end = bytes->find("\r\n");
  if (end == absl::string_view::npos) return false;
  *line = bytes->substr(0, end);
  bytes->remove_prefix(end + 2);
  return true;
}

absl::Status Follow(uint64_t seq, uint64_t* last) {
  if (seq != *last + 1) {
    return absl::DataLossError(
        absl::StrCat("event ", seq, " came after ", *last));
  }
  *last = seq;
  return absl::OkStatus();
}

// Events have ids of their own choosing, `SEQ-1`.
class RedisPeer final : public PeerStream {
 public:
  explicit RedisPeer(const std::string& event) : event_(event) {}

  std::string Subscribe() override { return ReadAfter(0); }
  std::string Publish(uint64_t seq) const override {
    const std::string id = absl::StrCat(seq, "-1");
    return absl::StrCat("*5\r\n$4\r\nXADD\r\n$2\r\nev\r\n$", id.size(), "\r\n",
                        id, "\r\n$1\r\ne\r\n$", event_.size(), "\r\n", event_,
                        "\r\n");
  }
  absl::Status Take(absl::string_view* bytes, uint64_t* last,
                    std::string* to_send) override {
    absl::string_view rest = *bytes;
    uint64_t reached = *last;
    if (!Skip(&rest, &reached)) return absl::OkStatus();
    if (absl::StartsWith(*bytes, "-")) {
      return absl::UnavailableError(absl::StrCat("Redis says: ", *bytes));
    }
    if (reached == kBroken) {
      return absl::DataLossError(
          absl::StrCat("Redis lost or doubled an event after ", *last));
    }
    if (reached != *last) *to_send += ReadAfter(reached);
    *last = reached;
    *bytes = rest;
    return absl::OkStatus();
  }

 private:
  static std::string ReadAfter(uint64_t last) {
    const std::string id = absl::StrCat(last, "-1");
    return absl::StrCat(
        "*8\r\n$5\r\nXREAD\r\n$5\r\nCOUNT\r\n$2\r\n64\r\n$5\r\nBLOCK\r\n$1\r\n"
        "0\r\n$7\r\nSTREAMS\r\n$2\r\nev\r\n$",
        id.size(), "\r\n", id, "\r\n");
  }

  static constexpr uint64_t kBroken = UINT64_MAX;

  // Passes over a value, and notes the ids in it; false where it is not whole.
  static bool Skip(absl::string_view* bytes, uint64_t* last) {
    absl::string_view line;
    if (!TakeLine(bytes, &line) || line.empty()) return false;
    int64_t count = 0;
    if ((line[0] != '*' && line[0] != '$') ||
        !absl::SimpleAtoi(line.substr(1), &count)) {
      return true;
    }
    if (line[0] == '$') {
      if (count < 0) return true;
      if (bytes->size() < static_cast<size_t>(count) + 2) return false;
      Note(bytes->substr(0, static_cast<size_t>(count)), last);
      bytes->remove_prefix(static_cast<size_t>(count) + 2);
      return true;
    }
    for (int64_t i = 0; i < count; ++i) {
      if (!Skip(bytes, last)) return false;
    }
    return true;
  }

  static void Note(absl::string_view text, uint64_t* last) {
    uint64_t seq = 0;
    if (text.size() > 24 || !absl::EndsWith(text, "-1") ||
        !absl::SimpleAtoi(text.substr(0, text.size() - 2), &seq)) {
      return;
    }
    *last = seq == *last + 1 ? seq : kBroken;
  }

  const std::string event_;
};

// What NATS sends, message by message.
class NatsProtocol : public PeerStream {
 public:
  absl::Status Take(absl::string_view* bytes, uint64_t* last,
                    std::string* to_send) final {
    absl::string_view rest = *bytes;
    absl::string_view line;
    while (TakeLine(&rest, &line)) {
      if (absl::StartsWith(line, "-ERR")) return Unexpected(line);
      if (line == "PING") *to_send += "PONG\r\n";
      if (absl::StartsWith(line, "MSG ") || absl::StartsWith(line, "HMSG ")) {
        size_t size = 0;
        if (!absl::SimpleAtoi(line.substr(line.rfind(' ') + 1), &size)) {
          return Unexpected(line);
        }
        if (rest.size() < size + 2) break;
        RETURN_IF_ERROR(OnMessage(absl::StrSplit(line, ' '),
                                  rest.substr(0, size), last, to_send));
        rest.remove_prefix(size + 2);
      }
      *bytes = rest;
    }
    return absl::OkStatus();
  }

 protected:
  // The words of `MSG SUBJECT SID [REPLY] SIZE`, or of
  // `HMSG SUBJECT SID [REPLY] HEADER_SIZE SIZE`.
  using Words = std::vector<absl::string_view>;

  virtual absl::Status OnMessage(const Words& words, absl::string_view content,
                                 uint64_t* last, std::string* to_send) = 0;

  static absl::Status Unexpected(absl::string_view what) {
    return absl::UnavailableError(absl::StrCat("NATS says: ", what));
  }
};

// Each payload begins with its number, in twenty digits.
class NatsPeer final : public NatsProtocol {
 public:
  explicit NatsPeer(const std::string& event) : event_(event) {}

  std::string Subscribe() override {
    return "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nSUB ev 1\r\n";
  }
  std::string Publish(uint64_t seq) const override {
    const absl::AlphaNum number(absl::Dec(seq, absl::kZeroPad20));
    return absl::StrCat("PUB ev ", number.size() + event_.size(), "\r\n",
                        number, event_, "\r\n");
  }

 private:
  absl::Status OnMessage(const Words& /*words*/, absl::string_view content,
                         uint64_t* last, std::string* /*to_send*/) override {
    uint64_t seq = 0;
    if (!absl::SimpleAtoi(content.substr(0, 20), &seq)) {
      return absl::DataLossError("a payload was changed");
    }
    return Follow(seq, last);
  }

  const std::string event_;
};

// As a client library makes an ordered consumer: pushed, not acknowledged, with
// flow control.
class JetStreamPeer final : public NatsProtocol {
 public:
  std::string Subscribe() override {
    const std::string inbox = absl::StrCat("in.", ++subscribers_);
    const std::string request = absl::StrCat(
        R"({"stream_name":"EV","config":{"deliver_subject":")", inbox,
        R"(","deliver_policy":"all","ack_policy":"none","max_deliver":1,)"
        R"("flow_control":true,"idle_heartbeat":5000000000,)"
        R"("replay_policy":"instant","mem_storage":true,"num_replicas":1}})");
    return absl::StrCat(
        R"(CONNECT {"verbose":false,"pedantic":false,"headers":true})",
        "\r\nSUB ", inbox, " 1\r\nSUB made.", inbox,
        " 2\r\nPUB $JS.API.CONSUMER.CREATE.EV made.", inbox, " ",
        request.size(), "\r\n", request, "\r\n");
  }
  std::string Publish(uint64_t) const override { return ""; }

 private:
  absl::Status OnMessage(const Words& words, absl::string_view content,
                         uint64_t* last, std::string* to_send) override {
    if (absl::StartsWith(words[1], "made.")) {
      return absl::StrContains(content, "\"error\"") ? Unexpected(content)
                                                     : absl::OkStatus();
    }
    if (words[0] == "HMSG") {
      Allow(words, content, to_send);
      return absl::OkStatus();
    }
    // `$JS.ACK.STREAM.CONSUMER.DELIVERED.SEQ...`.
    const Words place = absl::StrSplit(words[3], '.');
    uint64_t seq = 0;
    if (place.size() < 6 || !absl::SimpleAtoi(place[5], &seq)) {
      return Unexpected(words[3]);
    }
    return Follow(seq, last);
  }

  // Flow control, or a heartbeat that says where an answer is still wanted.
  static void Allow(const Words& words, absl::string_view content,
                    std::string* to_send) {
    constexpr absl::string_view kStalled = "Nats-Consumer-Stalled: ";
    absl::string_view reply = words.size() == 6 ? words[3] : "";
    const size_t stalled = content.find(kStalled);
    if (stalled != absl::string_view::npos) {
      reply = content.substr(stalled + kStalled.size());
      reply = reply.substr(0, reply.find('\r'));
    }
    if (!reply.empty()) absl::StrAppend(to_send, "PUB ", reply, " 0\r\n\r\n");
  }

  int subscribers_ = 0;
};

}  // namespace

std::unique_ptr<PeerStream> RedisStream(const std::string& event) {
  return std::make_unique<RedisPeer>(event);
}

std::unique_ptr<PeerStream> NatsSubject(const std::string& event) {
  return std::make_unique<NatsPeer>(event);
}

std::unique_ptr<PeerStream> JetStreamFromTheBeginning() {
  return std::make_unique<JetStreamPeer>();
}

}  // namespace chatgate

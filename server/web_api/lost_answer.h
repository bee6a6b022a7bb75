#ifndef CHATGATE_SERVER_WEB_API_LOST_ANSWER_H_
#define CHATGATE_SERVER_WEB_API_LOST_ANSWER_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace chatgate {

// A change that was sent, and whose answer was lost.
struct LostSend {
  const google::protobuf::Message* request = nullptr;  // As it was sent.
  // Its random id was made for it alone: then no clock needs to agree.
  bool random_id_is_unique = false;
  // When, by the platform's clock, as far as that is known by now.
  std::function<absl::Time()> sent_at;
  // True for the id of a part or a conversation that another call has made.
  std::function<bool(uint64_t id)> claimed;
};

// LostAnswer finds out by reading whether such a change was done.
//
//   while (auto read = lost->NextRead()) {
//     lost->Take(Ask(*read, response.get()), response.get());
//   }
//   use(lost->verdict(), lost->response());
//
// A part with the change's `random_id` decides. Where the platform's lists tell
// no random ids, the same text, kind and time do, if there is just one.
//
// Lifetime: the request outlives it. Threads: one at a time.
class LostAnswer {
 public:
  enum class Verdict {
    kFound,    // It was done: `response` is the answer.
    kAbsent,   // Nothing there could be it.
    kUnclear,  // Something may be it, or it could not be looked for.
  };

  // Null for a change that leaves nothing to look for.
  static std::unique_ptr<LostAnswer> For(const LostSend& lost);
  virtual ~LostAnswer() = default;

  // The next request to make; null when nothing is left to ask.
  virtual std::unique_ptr<google::protobuf::Message> NextRead() = 0;
  // `response` counts with OK alone, and may be null else.
  virtual void Take(const absl::Status& status,
                    const google::protobuf::Message* response) = 0;

  Verdict verdict() const { return verdict_; }
  const google::protobuf::Message& response() const { return *response_; }

 protected:
  Verdict verdict_ = Verdict::kUnclear;
  std::unique_ptr<google::protobuf::Message> response_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_LOST_ANSWER_H_

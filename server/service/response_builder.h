#ifndef CHATGATE_SERVER_SERVICE_RESPONSE_BUILDER_H_
#define CHATGATE_SERVER_SERVICE_RESPONSE_BUILDER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "chatgate/v1/chat_service.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "server/event_log/event_record.h"
#include "server/event_log/event_sink.h"

namespace chatgate {

// A response holds at most this many bytes of events, or one event: a client's
// usual limit is 4 MiB, and a response over it would fail again on each resume.
constexpr size_t kResponseBytesMax = size_t{1} << 20;

// `record.slice` with the body added as Event.raw; without it where the event
// would be over kEventBytesMax.
std::string SliceWithRaw(const EventRecord& record, absl::string_view raw);

// The event inside a slice.
v1::Event ParseSlice(absl::string_view slice);

// ResponseBuilder puts a SubscribeResponse together from events that are
// serialised already, without parsing or copying them: a response shares the
// records' bytes with every other one. What stands one behind the other in
// memory is one piece of it, because gRPC's cost is by the piece.
//
// Threads: one at a time.
class ResponseBuilder {
 public:
  // False, and nothing is added, when the response would grow beyond its limit.
  bool Add(const std::shared_ptr<const EventRecord>& record);
  bool AddCopy(std::string slice);

  // A piece of a snapshot: its conversations, serialised, and what else is to
  // be said of it. Instead of events.
  void AddSnapshot(std::string conversations, const v1::Snapshot& rest);

  bool empty() const { return slices_.empty() && last_.size() == 0; }

  // The response, with `tail` for everything but the events. The builder is
  // then empty.
  grpc::ByteBuffer Finish(const v1::SubscribeResponse& tail);

 private:
  bool Fits(size_t bytes) const {
    return empty() || bytes_ + bytes <= kResponseBytesMax;
  }

  // Ends the last piece: what follows is another.
  void EndPiece();

  std::vector<grpc::Slice> slices_;
  SharedBytes last_;  // Behind `slices_`; may still grow.
  size_t bytes_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_RESPONSE_BUILDER_H_

#ifndef CHATGATE_WEBHOOK_REQUEST_READER_H_
#define CHATGATE_WEBHOOK_REQUEST_READER_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "webhook/byte_stream.h"
#include "webhook/http_message.h"
#include "webhook/request_head.h"
#include "webhook/request_limits.h"

namespace chatgate {

// Takes requests off a connection, one after the other. Every byte is counted
// before it is kept, and one deadline holds for the whole request, however it
// drips. After a refusal the place in the stream is lost: close it.
//
//   while (reader.WaitForRequest(DeadlineIn(kIdleTimeMax)) ==
//          RequestReader::kRequest) {
//     if (auto refusal = reader.Read(DeadlineIn(limit), &head, &body)) ...
//
// Threads: one at a time.
class RequestReader {
 public:
  RequestReader(ByteStream& stream, const RequestLimits& limits)
      : stream_(stream), limits_(limits) {}

  // kRequest: a byte of a request is there. kEnd: the sender is done or gone.
  // kSilence: nothing came until the deadline.
  enum Wanted { kRequest, kSilence, kEnd };
  Wanted WaitForRequest(Deadline deadline);

  // Reads head and body; the body without its chunk framing, still zipped. Asks
  // a sender that waits for it to go on. On a refusal `head` holds what was
  // understood.
  std::optional<Refusal> Read(Deadline deadline, RequestHead* head,
                              std::string* body);

 private:
  using MaybeRefusal = std::optional<Refusal>;

  // Appends to the buffer what comes next.
  MaybeRefusal Fill(Deadline deadline);
  MaybeRefusal ReadHead(Deadline deadline, RequestHead* head);
  MaybeRefusal ReadPlain(Deadline deadline, size_t size, std::string* body);
  MaybeRefusal ReadChunked(Deadline deadline, std::string* body);
  MaybeRefusal ReadChunkSize(Deadline deadline, uint64_t* size);
  // The next line without its end.
  MaybeRefusal ReadLine(Deadline deadline, std::string* line);
  absl::string_view Buffered() const {
    return absl::string_view(buffer_).substr(taken_);
  }
  void Take(size_t size);

  ByteStream& stream_;  // Outlives this.
  const RequestLimits limits_;
  std::string buffer_;  // Read from the stream; the first `taken_` are used.
  size_t taken_ = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_WEBHOOK_REQUEST_READER_H_

#ifndef CHATGATE_SERVER_WEB_API_ANSWER_READER_H_
#define CHATGATE_SERVER_WEB_API_ANSWER_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/web_api/inflater.h"
#include "server/web_api/transport.h"

namespace chatgate {

struct AnswerLimits {
  size_t head_bytes_max = 64 * 1024;
  size_t body_bytes_max = 8 * 1024 * 1024;  // Also after unzipping.
};

// AnswerReader makes an answer of the bytes of an HTTP/1.x response, as they
// come: with a length, in chunks, or until the connection ends; zipped or not.
//
//   AnswerReader reader(limits);
//   while (true) {
//     ASSIGN_OR_RETURN(const bool whole, reader.Add(bytes));
//     if (whole) return reader.TakeAnswer();
//   }
//
// Errors: UNAVAILABLE: it is no HTTP, or damaged. RESOURCE_EXHAUSTED: too long.
class AnswerReader {
 public:
  // `head_only`: the answer has no body, whatever it says, as that to CONNECT.
  explicit AnswerReader(const AnswerLimits& limits, bool head_only = false);

  // True once the answer is whole.
  absl::StatusOr<bool> Add(absl::string_view bytes);
  // The connection has ended. UNAVAILABLE: before the answer had.
  absl::Status End();

  // The connection may carry another request.
  bool keeps_open() const { return keeps_open_ && is_exact(); }
  // Nothing came behind the answer.
  bool is_exact() const { return rest_.empty(); }

  TransportAnswer TakeAnswer();

 private:
  enum class Part {
    kHead,
    kLength,
    kChunkSize,
    kChunk,
    kChunkEnd,
    kTrailer,
    kUntilEnd,
    kWhole
  };

  // Each takes what it can from rest_. False: more bytes are needed.
  absl::StatusOr<bool> Step();
  absl::StatusOr<bool> ReadHead();
  absl::StatusOr<bool> ReadChunkSize();
  absl::StatusOr<bool> ReadTrailer();
  absl::StatusOr<bool> ReadBody(Part then);

  absl::Status ReadStatusLine(absl::string_view line);
  absl::Status ReadField(absl::string_view line);
  absl::Status BeginBody();
  absl::Status AddBody(absl::string_view bytes);
  absl::Status Finish();

  const AnswerLimits limits_;
  const bool head_only_;
  Part part_ = Part::kHead;
  std::string rest_;   // Not understood yet.
  uint64_t left_ = 0;  // Of the body, or of the chunk.
  uint64_t raw_bytes_ = 0;
  size_t trailer_bytes_ = 0;

  bool has_length_ = false;
  uint64_t length_ = 0;
  bool chunked_ = false;
  bool zipped_ = false;
  bool keeps_open_ = true;
  std::optional<absl::Time> retry_at_;  // By the platform's clock.
  std::unique_ptr<Inflater> inflater_;
  TransportAnswer answer_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_ANSWER_READER_H_

#include "webhook/request_reader.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace chatgate {
namespace {

constexpr absl::string_view kHeadEnd = "\r\n\r\n";

// What an unfinished head has too much of already; so that a line without an
// end is refused as what it is.
std::optional<Refusal> CheckUnfinishedHead(absl::string_view head) {
  const size_t first_line = std::min(head.find('\n'), head.size());
  if (first_line > kRequestLineBytesMax) {
    return Refusal{414, "the request line is too long"};
  }
  if (head.size() > kHeadBytesMax) {
    return Refusal{431, "the head is too long"};
  }
  const size_t last_line = head.rfind('\n');
  if (last_line != absl::string_view::npos &&
      head.size() - last_line > kHeaderLineBytesMax) {
    return Refusal{431, "a header line is too long"};
  }
  return std::nullopt;
}

}  // namespace

RequestReader::Wanted RequestReader::WaitForRequest(Deadline deadline) {
  for (;;) {
    // Some senders end a body with an empty line that is not counted.
    while (absl::StartsWith(Buffered(), "\r\n")) Take(2);
    if (!Buffered().empty() && Buffered() != "\r") return kRequest;
    if (const MaybeRefusal refusal = Fill(deadline)) {
      return refusal->status == 408 ? kSilence : kEnd;
    }
  }
}

std::optional<Refusal> RequestReader::Read(Deadline deadline, RequestHead* head,
                                           std::string* body) {
  if (MaybeRefusal refusal = ReadHead(deadline, head)) return refusal;
  const uint64_t length = head->content_length.value_or(0);
  if (length > limits_.body_bytes_max) {
    return Refusal{413, "the body is too large"};
  }
  if (head->expect_continue && (head->chunked || Buffered().size() < length)) {
    // A lost "continue" shows when the body does not come.
    if (!stream_.Write("HTTP/1.1 100 Continue\r\n\r\n", deadline).ok()) {
      return Refusal{408, "the sender does not read"};
    }
  }
  return head->chunked ? ReadChunked(deadline, body)
                       : ReadPlain(deadline, length, body);
}

std::optional<Refusal> RequestReader::Fill(Deadline deadline) {
  std::array<char, 16 << 10> bytes;
  const absl::StatusOr<size_t> count =
      stream_.Read(bytes.data(), bytes.size(), deadline);
  if (absl::IsDeadlineExceeded(count.status())) {
    return Refusal{408, "the request came too slowly"};
  }
  if (!count.ok() || *count == 0) {
    return Refusal{400, "the request ended before its end"};
  }
  // Used bytes go first, so that the buffer is never more than one request.
  buffer_.erase(0, taken_);
  taken_ = 0;
  buffer_.append(bytes.data(), *count);
  return std::nullopt;
}

std::optional<Refusal> RequestReader::ReadHead(Deadline deadline,
                                               RequestHead* head) {
  size_t searched = 0;
  size_t end = 0;
  for (;;) {
    const absl::string_view buffered = Buffered();
    end = buffered.find(kHeadEnd, searched);
    if (end != absl::string_view::npos) break;
    if (MaybeRefusal refusal = CheckUnfinishedHead(buffered)) return refusal;
    searched = buffered.size() - std::min<size_t>(buffered.size(), 3);
    if (MaybeRefusal refusal = Fill(deadline)) return refusal;
  }
  end += kHeadEnd.size();
  if (end > kHeadBytesMax) return Refusal{431, "the head is too long"};
  MaybeRefusal refusal = ParseRequestHead(Buffered().substr(0, end), head);
  Take(end);
  return refusal;
}

std::optional<Refusal> RequestReader::ReadPlain(Deadline deadline, size_t size,
                                                std::string* body) {
  while (size > 0) {
    if (Buffered().empty()) {
      if (MaybeRefusal refusal = Fill(deadline)) return refusal;
    }
    const absl::string_view piece = Buffered().substr(0, size);
    body->append(piece.data(), piece.size());
    size -= piece.size();
    Take(piece.size());
  }
  return std::nullopt;
}

std::optional<Refusal> RequestReader::ReadChunked(Deadline deadline,
                                                  std::string* body) {
  for (;;) {
    uint64_t size = 0;
    if (MaybeRefusal refusal = ReadChunkSize(deadline, &size)) return refusal;
    if (size == 0) break;
    if (size > limits_.body_bytes_max - body->size()) {
      return Refusal{413, "the body is too large"};
    }
    if (MaybeRefusal refusal = ReadPlain(deadline, size, body)) return refusal;
    std::string rest;
    if (MaybeRefusal refusal = ReadLine(deadline, &rest)) return refusal;
    if (!rest.empty()) return Refusal{400, "a chunk is longer than it says"};
  }
  // Trailers are read and forgotten.
  std::string line;
  for (size_t lines = 0; lines <= kTrailerLinesMax; ++lines) {
    if (MaybeRefusal refusal = ReadLine(deadline, &line)) return refusal;
    if (line.empty()) return std::nullopt;
  }
  return Refusal{431, "there are too many trailer lines"};
}

std::optional<Refusal> RequestReader::ReadChunkSize(Deadline deadline,
                                                    uint64_t* size) {
  std::string line;
  if (MaybeRefusal refusal = ReadLine(deadline, &line)) return refusal;
  const absl::string_view digits = absl::StripTrailingAsciiWhitespace(
      absl::string_view(line).substr(0, line.find(';')));
  // The number reader also takes "0x" and signs; a chunk size has digits alone.
  if (digits.empty() || digits.size() > 15 ||
      !std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit) ||
      !absl::SimpleHexAtoi(digits, size)) {
    return Refusal{400, "a chunk has no size"};
  }
  return std::nullopt;
}

std::optional<Refusal> RequestReader::ReadLine(Deadline deadline,
                                               std::string* line) {
  for (;;) {
    const absl::string_view buffered = Buffered();
    const size_t end = buffered.find('\n');
    if (std::min(end, buffered.size()) > kChunkLineBytesMax) {
      return Refusal{400, "a line of a chunked body is too long"};
    }
    if (end == absl::string_view::npos) {
      if (MaybeRefusal refusal = Fill(deadline)) return refusal;
      continue;
    }
    if (end == 0 || buffered[end - 1] != '\r') {
      return Refusal{400, "a line of a chunked body has no end"};
    }
    *line = std::string(buffered.substr(0, end - 1));
    Take(end + 1);
    return std::nullopt;
  }
}

void RequestReader::Take(size_t size) { taken_ += size; }

}  // namespace chatgate

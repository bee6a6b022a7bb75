#include "server/web_api/answer_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

constexpr size_t kChunkLineBytesMax = 1024;

absl::Status NoHttp() {
  return absl::UnavailableError("the answer is no HTTP");
}

absl::Status TooLong() {
  return absl::ResourceExhaustedError("the answer is too long");
}

bool IsDigits(absl::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// `Sun, 22 Nov 2026 06:30:00 GMT`; the older two forms are not written any
// more.
std::optional<absl::Time> HttpDate(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%a, %d %b %E4Y %H:%M:%S GMT", text, &time, &error)) {
    return std::nullopt;
  }
  // It reads `infinite-future` whatever the format is.
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return std::nullopt;
  }
  return time;
}

}  // namespace

AnswerReader::AnswerReader(const AnswerLimits& limits, bool head_only)
    : limits_(limits), head_only_(head_only) {}

absl::StatusOr<bool> AnswerReader::Add(absl::string_view bytes) {
  rest_.append(bytes.data(), bytes.size());
  while (part_ != Part::kWhole) {
    ASSIGN_OR_RETURN(const bool again, Step());
    if (!again) return false;
  }
  return true;
}

absl::Status AnswerReader::End() {
  if (part_ == Part::kUntilEnd) return Finish();
  if (part_ == Part::kWhole) return absl::OkStatus();
  return absl::UnavailableError("the answer was cut off");
}

TransportAnswer AnswerReader::TakeAnswer() {
  if (retry_at_.has_value() && answer_.date.has_value()) {
    answer_.retry_after =
        std::max(absl::ZeroDuration(), *retry_at_ - *answer_.date);
  }
  return std::move(answer_);
}

absl::StatusOr<bool> AnswerReader::Step() {
  switch (part_) {
    case Part::kHead:
      return ReadHead();
    case Part::kLength:
      return ReadBody(Part::kWhole);
    case Part::kChunkSize:
      return ReadChunkSize();
    case Part::kChunk:
      return ReadBody(Part::kChunkEnd);
    case Part::kChunkEnd:
      if (rest_.size() < 2) return false;
      if (!absl::StartsWith(rest_, "\r\n")) return NoHttp();
      rest_.erase(0, 2);
      part_ = Part::kChunkSize;
      return true;
    case Part::kTrailer:
      return ReadTrailer();
    case Part::kUntilEnd: {
      RETURN_IF_ERROR(AddBody(rest_));
      rest_.clear();
      return false;
    }
    case Part::kWhole:
      break;
  }
  return false;
}

absl::StatusOr<bool> AnswerReader::ReadHead() {
  const size_t end = rest_.find("\r\n\r\n");
  if (end == std::string::npos) {
    // The last three bytes may belong to the end.
    if (rest_.size() > limits_.head_bytes_max + 3) return TooLong();
    // What is no HTTP at all is told before its sender has ended.
    const std::string begin = "HTTP/1.";
    if (!absl::StartsWith(rest_, begin.substr(0, rest_.size()))) {
      return NoHttp();
    }
    return false;
  }
  if (end > limits_.head_bytes_max) return TooLong();
  const std::string head = rest_.substr(0, end);
  rest_.erase(0, end + 4);
  bool first = true;
  for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
    RETURN_IF_ERROR(first ? ReadStatusLine(line) : ReadField(line));
    first = false;
  }
  const int status = answer_.http_status;
  if (status == 101) return NoHttp();  // Nobody asked for another protocol.
  if (status < 200) {                  // Such as `103 Early Hints`.
    has_length_ = chunked_ = zipped_ = false;
    return true;
  }
  RETURN_IF_ERROR(BeginBody());
  return true;
}

absl::Status AnswerReader::ReadStatusLine(absl::string_view line) {
  // `HTTP/1.1 200 OK`
  if (!absl::StartsWith(line, "HTTP/1.") || line.size() < 12 ||
      line[8] != ' ' || !IsDigits(line.substr(9, 3)) ||
      (line.size() > 12 && line[12] != ' ') || line[9] == '0') {
    return NoHttp();
  }
  keeps_open_ = line[7] != '0';
  answer_.http_status =
      (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  return absl::OkStatus();
}

absl::Status AnswerReader::ReadField(absl::string_view line) {
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos) return NoHttp();
  const absl::string_view name = line.substr(0, colon);
  const absl::string_view value =
      absl::StripAsciiWhitespace(line.substr(colon + 1));
  if (absl::EqualsIgnoreCase(name, "content-length")) {
    uint64_t length = 0;
    if (!IsDigits(value) || !absl::SimpleAtoi(value, &length) ||
        (has_length_ && length != length_)) {
      return NoHttp();
    }
    has_length_ = true;
    length_ = length;
  } else if (absl::EqualsIgnoreCase(name, "transfer-encoding")) {
    if (!absl::EqualsIgnoreCase(value, "chunked")) return NoHttp();
    chunked_ = true;
  } else if (absl::EqualsIgnoreCase(name, "content-encoding")) {
    zipped_ = !value.empty() && !absl::EqualsIgnoreCase(value, "identity");
  } else if (absl::EqualsIgnoreCase(name, "connection")) {
    keeps_open_ = keeps_open_ && !absl::EqualsIgnoreCase(value, "close");
  } else if (absl::EqualsIgnoreCase(name, "retry-after")) {
    int32_t seconds = 0;
    if (IsDigits(value) && absl::SimpleAtoi(value, &seconds)) {
      answer_.retry_after = absl::Seconds(seconds);
    } else {
      retry_at_ = HttpDate(value);
    }
  } else if (absl::EqualsIgnoreCase(name, "date")) {
    answer_.date = HttpDate(value);
  }
  return absl::OkStatus();
}

absl::Status AnswerReader::BeginBody() {
  const int status = answer_.http_status;
  if (head_only_ || status == 204 || status == 304) return Finish();
  if (zipped_) inflater_ = std::make_unique<Inflater>(limits_.body_bytes_max);
  if (chunked_) {
    part_ = Part::kChunkSize;
  } else if (has_length_) {
    if (length_ > limits_.body_bytes_max) return TooLong();
    left_ = length_;
    part_ = Part::kLength;
    if (left_ == 0) return Finish();
  } else {
    keeps_open_ = false;
    part_ = Part::kUntilEnd;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> AnswerReader::ReadBody(Part then) {
  const size_t size =
      static_cast<size_t>(std::min<uint64_t>(left_, rest_.size()));
  RETURN_IF_ERROR(AddBody(absl::string_view(rest_).substr(0, size)));
  rest_.erase(0, size);
  left_ -= size;
  if (left_ > 0) return false;
  part_ = then;
  if (then == Part::kWhole) RETURN_IF_ERROR(Finish());
  return true;
}

absl::StatusOr<bool> AnswerReader::ReadChunkSize() {
  const size_t end = rest_.find("\r\n");
  if (end == std::string::npos) {
    if (rest_.size() > kChunkLineBytesMax + 1) return TooLong();
    return false;
  }
  if (end > kChunkLineBytesMax) return TooLong();
  const absl::string_view line = absl::StripAsciiWhitespace(
      absl::string_view(rest_).substr(0, std::min(end, rest_.find(';'))));
  if (line.empty() || line.size() > 15 ||
      !std::all_of(line.begin(), line.end(), absl::ascii_isxdigit) ||
      !absl::SimpleHexAtoi(line, &left_)) {
    return NoHttp();
  }
  rest_.erase(0, end + 2);
  part_ = left_ == 0 ? Part::kTrailer : Part::kChunk;
  return true;
}

// Fields after the last chunk are of no interest.
absl::StatusOr<bool> AnswerReader::ReadTrailer() {
  const size_t end = rest_.find("\r\n");
  if (end == std::string::npos) {
    if (trailer_bytes_ + rest_.size() > limits_.head_bytes_max) {
      return TooLong();
    }
    return false;
  }
  trailer_bytes_ += end + 2;
  if (trailer_bytes_ > limits_.head_bytes_max) return TooLong();
  rest_.erase(0, end + 2);
  if (end == 0) RETURN_IF_ERROR(Finish());
  return true;
}

absl::Status AnswerReader::AddBody(absl::string_view bytes) {
  raw_bytes_ += bytes.size();
  if (raw_bytes_ > limits_.body_bytes_max) return TooLong();
  if (inflater_ != nullptr) return inflater_->Add(bytes, &answer_.body);
  answer_.body.append(bytes.data(), bytes.size());
  return absl::OkStatus();
}

absl::Status AnswerReader::Finish() {
  part_ = Part::kWhole;
  if (inflater_ != nullptr && raw_bytes_ > 0 && !inflater_->finished()) {
    return absl::UnavailableError("the answer's gzip was cut off");
  }
  return absl::OkStatus();
}

}  // namespace chatgate

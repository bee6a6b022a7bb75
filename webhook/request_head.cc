#include "webhook/request_head.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "webhook/request_limits.h"

namespace chatgate {
namespace {

using MaybeRefusal = std::optional<Refusal>;

bool IsTokenChar(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains("!#$%&'*+-.^_`|~", absl::string_view(&c, 1));
}

bool IsToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

bool HasControl(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\t';
  });
}

// Takes the next line off `text`, without its end; nullopt where it has none.
std::optional<absl::string_view> TakeLine(absl::string_view* text) {
  const size_t end = text->find('\n');
  if (end == absl::string_view::npos || end == 0 || (*text)[end - 1] != '\r') {
    return std::nullopt;
  }
  const absl::string_view line = text->substr(0, end - 1);
  text->remove_prefix(end + 1);
  return line;
}

MaybeRefusal ParseTarget(absl::string_view target, RequestHead* head) {
  // The absolute form is for proxies, but every server must take it.
  for (const absl::string_view scheme : {"http://", "https://"}) {
    if (absl::StartsWithIgnoreCase(target, scheme)) {
      target.remove_prefix(scheme.size());
      target.remove_prefix(std::min(target.find('/'), target.size()));
      if (target.empty()) target = "/";
    }
  }
  if (target.empty() || (target[0] != '/' && target != "*")) {
    return Refusal{400, "the request target is no path"};
  }
  target = target.substr(0, target.find('#'));
  const size_t question = target.find('?');
  if (question != absl::string_view::npos) {
    head->query = std::string(target.substr(question + 1));
  }
  const std::vector<absl::string_view> pieces =
      absl::StrSplit(target.substr(0, question), '/', absl::SkipEmpty());
  if (pieces.size() > kPathSegmentsMax) {
    return Refusal{414, "the path has too many segments"};
  }
  for (const absl::string_view piece : pieces) {
    head->segments.push_back(PercentDecoded(piece));
  }
  return std::nullopt;
}

MaybeRefusal ParseRequestLine(absl::string_view line, RequestHead* head) {
  if (line.size() > kRequestLineBytesMax) {
    return Refusal{414, "the request line is too long"};
  }
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  if (words.size() != 3 || !IsToken(words[0]) || HasControl(line)) {
    return Refusal{400, "the request line is not HTTP"};
  }
  head->method = std::string(words[0]);
  if (words[2] != "HTTP/1.1" && words[2] != "HTTP/1.0") {
    const bool other = absl::StartsWith(words[2], "HTTP/");
    return Refusal{other ? 505 : 400, "only HTTP/1.1 and HTTP/1.0 are spoken"};
  }
  head->keep_alive = words[2] == "HTTP/1.1";
  return ParseTarget(words[1], head);
}

MaybeRefusal ParseHeaderLine(absl::string_view line, RequestHead* head) {
  if (line.size() > kHeaderLineBytesMax) {
    return Refusal{431, "a header line is too long"};
  }
  if (head->headers.size() == kHeaderLinesMax) {
    return Refusal{431, "there are too many header lines"};
  }
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos || !IsToken(line.substr(0, colon)) ||
      HasControl(line)) {
    return Refusal{400, "a header line is not HTTP"};
  }
  head->headers.emplace_back(
      line.substr(0, colon),
      absl::StripAsciiWhitespace(line.substr(colon + 1)));
  return std::nullopt;
}

MaybeRefusal ReadContentLength(absl::string_view value, RequestHead* head) {
  uint64_t length = 0;
  // SimpleAtoi takes signs and spaces; a length has digits alone.
  if (value.empty() ||
      !std::all_of(value.begin(), value.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(value, &length)) {
    return Refusal{400, "Content-Length is no number"};
  }
  if (head->content_length.value_or(length) != length) {
    return Refusal{400, "there are two lengths"};
  }
  head->content_length = length;
  return std::nullopt;
}

// Takes in what a header says of framing.
MaybeRefusal ReadFraming(absl::string_view name, absl::string_view value,
                         RequestHead* head) {
  if (absl::EqualsIgnoreCase(name, "Content-Length")) {
    return ReadContentLength(value, head);
  }
  if (absl::EqualsIgnoreCase(name, "Transfer-Encoding")) {
    if (head->chunked || !absl::EqualsIgnoreCase(value, "chunked")) {
      return Refusal{501, "the only transfer coding is chunked"};
    }
    head->chunked = true;
  } else if (absl::EqualsIgnoreCase(name, "Content-Encoding")) {
    const bool again = head->zipped;
    const bool plain =
        value.empty() || absl::EqualsIgnoreCase(value, "identity");
    head->zipped = absl::EqualsIgnoreCase(value, "gzip") ||
                   absl::EqualsIgnoreCase(value, "x-gzip") ||
                   absl::EqualsIgnoreCase(value, "deflate");
    if (again || (!plain && !head->zipped)) {
      return Refusal{415, "a body is plain, gzip or deflate"};
    }
  } else if (absl::EqualsIgnoreCase(name, "Expect")) {
    if (!absl::EqualsIgnoreCase(value, "100-continue")) {
      return Refusal{417, "the only expectation is 100-continue"};
    }
    head->expect_continue = true;
  } else if (absl::EqualsIgnoreCase(name, "Connection")) {
    for (const absl::string_view word : absl::StrSplit(value, ',')) {
      if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(word), "close")) {
        head->keep_alive = false;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> ParseRequestHead(absl::string_view text,
                                        RequestHead* head) {
  const std::optional<absl::string_view> first = TakeLine(&text);
  if (!first) return Refusal{400, "the request line is not HTTP"};
  if (MaybeRefusal refusal = ParseRequestLine(*first, head)) return refusal;
  const bool http_1_0 = !head->keep_alive;
  for (;;) {
    const std::optional<absl::string_view> line = TakeLine(&text);
    if (!line) return Refusal{400, "a header line is not HTTP"};
    if (line->empty()) break;
    if (MaybeRefusal refusal = ParseHeaderLine(*line, head)) return refusal;
  }
  for (const auto& [name, value] : head->headers) {
    if (MaybeRefusal refusal = ReadFraming(name, value, head)) return refusal;
  }
  if (head->chunked && (head->content_length || http_1_0)) {
    return Refusal{400, "a chunked body has no length and needs HTTP/1.1"};
  }
  return std::nullopt;
}

std::string PercentDecoded(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::ascii_isxdigit(text[i + 1]) &&
        absl::ascii_isxdigit(text[i + 2])) {
      out += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace chatgate

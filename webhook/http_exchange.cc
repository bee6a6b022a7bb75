#include "webhook/http_exchange.h"

#include <httplib.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "webhook/answer_text.h"
#include "webhook/request_limits.h"

namespace chatgate {
namespace {

// A request and its answer, both in memory.
class MemoryStream final : public httplib::Stream {
 public:
  MemoryStream(std::string head, std::string body)
      : head_(std::move(head)), body_(std::move(body)) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, size_t size) override {
    const bool in_head = position_ < head_.size();
    const std::string& from = in_head ? head_ : body_;
    const size_t start = in_head ? position_ : position_ - head_.size();
    size = std::min(size, from.size() - start);
    std::memcpy(to, from.data() + start, size);
    position_ += size;
    return static_cast<ssize_t>(size);
  }
  ssize_t write(const char* bytes, size_t size) override {
    written_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  // The library refuses sockets over 1,023; it needs none here.
  socket_t socket() const override { return INVALID_SOCKET; }

  std::string& written() { return written_; }

 private:
  const std::string head_;
  const std::string body_;
  size_t position_ = 0;
  std::string written_;
};

// What a zipped body says at its end of what it unzips to. The library does not
// look at it, so that one which was cut short would pass.
class ZipTrailer {
 public:
  explicit ZipTrailer(absl::string_view zipped)
      : is_gzip_(absl::StartsWith(zipped, "\x1f\x8b")),
        bytes_(zipped.substr(zipped.size() -
                             std::min(zipped.size(), kBytesMax))) {}

  bool Fits(const std::string& unzipped) const {
    const auto* const bytes =
        reinterpret_cast<const unsigned char*>(unzipped.data());
    if (is_gzip_) {  // RFC 1952: CRC-32 and length, low byte first.
      return bytes_.size() == kBytesMax &&
             Number({bytes_[3], bytes_[2], bytes_[1], bytes_[0]}) ==
                 crc32_z(0, bytes, unzipped.size()) &&
             Number({bytes_[7], bytes_[6], bytes_[5], bytes_[4]}) ==
                 (unzipped.size() & 0xFFFFFFFF);
    }
    // RFC 1950: Adler-32, high byte first.
    return bytes_.size() == kBytesMax &&
           Number({bytes_[4], bytes_[5], bytes_[6], bytes_[7]}) ==
               adler32_z(1, bytes, unzipped.size());
  }

 private:
  // The shortest body of either kind is as long.
  static constexpr size_t kBytesMax = 8;

  static uint32_t Number(std::initializer_list<char> bytes) {
    uint32_t number = 0;
    for (const char byte : bytes) {
      number = number << 8 | static_cast<unsigned char>(byte);
    }
    return number;
  }

  const bool is_gzip_;
  const std::string bytes_;
};

}  // namespace

class HttpExchange::Library final : private httplib::Server {
 public:
  explicit Library(uint64_t body_bytes_max) : body_bytes_max_(body_bytes_max) {
    set_payload_max_length(body_bytes_max);
    set_keep_alive_timeout(absl::ToInt64Seconds(kIdleTimeMax));
    set_keep_alive_max_count(kConnectionRequestsMax);
    // A content reader is the one handler without a limit on forms of its own.
    Post("/", [this](const httplib::Request&, httplib::Response& response,
                     const httplib::ContentReader& read) {
      Handle(read, &response);
    });
  }

  std::string Run(const RequestHead& head, std::string body, bool close,
                  const Answer& answer) {
    trailer_.emplace(body);
    answer_ = &answer;
    std::string own_head =
        absl::StrCat("POST / HTTP/1.1\r\nContent-Length: ", body.size(), "\r\n",
                     head.zipped ? "Content-Encoding: gzip\r\n\r\n" : "\r\n");
    MemoryStream stream(std::move(own_head), std::move(body));
    bool closed = false;
    process_request(stream, close, closed, [&](httplib::Request& request) {
      request_ = &request;
      head_only_ = head.method == "HEAD";
    });
    return std::move(stream.written());
  }

 private:
  void Handle(const httplib::ContentReader& read, httplib::Response* to) {
    std::string body;
    bool too_large = false;
    bool unzipped = read([&](const char* bytes, size_t size) {
      too_large = size > body_bytes_max_ - body.size();
      if (!too_large) body.append(bytes, size);
      return !too_large;
    });
    unzipped = unzipped && trailer_->Fits(body);
    std::optional<Refusal> refusal;
    if (too_large) {
      refusal = Refusal{413, "the body is too large when unzipped"};
    } else if (!unzipped) {
      refusal = Refusal{400, "the body does not unzip"};
    }
    // To the router this was a POST; the writer must know of a HEAD.
    if (head_only_) request_->method = "HEAD";
    std::optional<HttpResponse> response =
        (*answer_)(std::move(refusal), std::move(body));
    if (!response) return;
    to->status = response->status;
    to->body = std::move(response->body);
    to->set_header("Content-Type", response->content_type);
    to->set_header("Accept-Ranges", "none");
    for (const auto& [name, value] : response->headers) {
      to->set_header(name, value);
    }
  }

  const uint64_t body_bytes_max_;
  // Of the request that is being run.
  const Answer* answer_ = nullptr;
  httplib::Request* request_ = nullptr;
  bool head_only_ = false;
  std::optional<ZipTrailer> trailer_;
};

HttpExchange::HttpExchange(uint64_t body_bytes_max)
    : library_(std::make_unique<Library>(body_bytes_max)) {}

HttpExchange::~HttpExchange() = default;

std::string HttpExchange::Run(const RequestHead& head, std::string body,
                              const AnswerForm& form, const Answer& answer) {
  if (head.zipped) {
    return library_->Run(head, std::move(body), form.close, answer);
  }
  // There is nothing to unzip: the way through the library would cost as much
  // as all the rest of a webhook.
  const std::optional<HttpResponse> response =
      answer(std::nullopt, std::move(body));
  return response ? AnswerText(*response, form) : "";
}

}  // namespace chatgate

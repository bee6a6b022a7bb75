// Any bytes as a connection: requests are read one after the other until one is
// refused, and each is answered. What was read must be within the limits.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "webhook/http_exchange.h"
#include "webhook/request_reader.h"

namespace chatgate {
namespace {

constexpr uint64_t kBodyBytesMax = 4096;

void Require(bool condition) {
  if (!condition) std::abort();
}

// Gives the bytes in pieces of the size that the first byte says, so that every
// place in a request comes to lie at the edge of a read.
class FuzzStream final : public ByteStream {
 public:
  explicit FuzzStream(absl::string_view bytes)
      : piece_(bytes.empty() ? 1 : 1 + static_cast<unsigned char>(bytes[0])),
        bytes_(bytes.substr(std::min<size_t>(bytes.size(), 1))) {}

  absl::StatusOr<size_t> Read(char* to, size_t size, Deadline) override {
    size = std::min({size, piece_, bytes_.size()});
    std::memcpy(to, bytes_.data(), size);
    bytes_.remove_prefix(size);
    return size;
  }
  absl::Status Write(absl::string_view, Deadline) override {
    return absl::OkStatus();
  }
  bool HasEnded() const override { return bytes_.empty(); }

 private:
  const size_t piece_;
  absl::string_view bytes_;
};

void Run(absl::string_view bytes) {
  FuzzStream stream(bytes);
  RequestLimits limits;
  limits.body_bytes_max = kBodyBytesMax;
  RequestReader reader(stream, limits);
  HttpExchange exchange(kBodyBytesMax);
  const Deadline deadline = DeadlineIn(absl::Hours(1));
  while (reader.WaitForRequest(deadline) == RequestReader::kRequest) {
    RequestHead head;
    std::string body;
    const auto refusal = reader.Read(deadline, &head, &body);
    Require(body.size() <= kBodyBytesMax);
    Require(head.headers.size() <= kHeaderLinesMax);
    if (refusal) {
      Require(refusal->status >= 400 && !refusal->reason.empty());
      return;
    }
    Require(!head.method.empty());
    Require(!head.content_length || *head.content_length == body.size());
    bool asked = false;
    const std::string answer =
        exchange.Run(head, std::move(body), {.close = !head.keep_alive},
                     [&](std::optional<Refusal> unread, std::string unzipped) {
                       asked = true;
                       Require(unzipped.size() <= kBodyBytesMax);
                       return unread ? ErrorResponse(*unread) : HttpResponse();
                     });
    Require(asked && answer.substr(0, 9) == "HTTP/1.1 ");
  }
}

}  // namespace
}  // namespace chatgate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  chatgate::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}

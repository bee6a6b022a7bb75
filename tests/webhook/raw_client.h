#ifndef CHATGATE_TESTS_WEBHOOK_RAW_CLIENT_H_
#define CHATGATE_TESTS_WEBHOOK_RAW_CLIENT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace chatgate {

// An answer, as it stood on the wire.
struct RawAnswer {
  int status = 0;  // 0: the connection ended before an answer.
  std::string head;
  std::string body;
};

// One connection to 127.0.0.1, and exactly the bytes that a test wants on it.
class RawClient {
 public:
  explicit RawClient(int port);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;

  bool connected() const { return connected_; }

  // False when the other side has gone.
  bool Send(absl::string_view bytes);

  // Says that no more is sent.
  void EndSending();

  // Reads one answer by its Content-Length; `head_only` for HEAD and 100.
  RawAnswer ReadAnswer(bool head_only = false);

  // True when the other side ends the connection within `patience`.
  bool Ends(absl::Duration patience = absl::Seconds(10));

 private:
  // Appends what comes to buffer_; false at the end or after ten seconds.
  bool Fill();

  int socket_ = -1;
  bool connected_ = false;
  std::string buffer_;
};

// A POST with the headers that a polite client sends.
std::string PostText(absl::string_view path, absl::string_view content_type,
                     absl::string_view body,
                     absl::string_view more_headers = "");

// `bytes` in the form of Content-Encoding `gzip`, or `deflate`.
std::string Gzip(absl::string_view bytes);
std::string Deflate(absl::string_view bytes);

// `body` in chunks of `size`, as a chunked body.
std::string Chunked(absl::string_view body, size_t size);

}  // namespace chatgate

#endif  // CHATGATE_TESTS_WEBHOOK_RAW_CLIENT_H_

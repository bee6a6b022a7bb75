#include "tests/webhook/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace chatgate {

RawClient::RawClient(int port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address),
                         sizeof(address)) == 0;
}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      connected_(other.connected_),
      buffer_(std::move(other.buffer_)) {}

bool RawClient::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count =
        ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

void RawClient::EndSending() { ::shutdown(socket_, SHUT_WR); }

RawAnswer RawClient::ReadAnswer(bool head_only) {
  RawAnswer answer;
  size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return answer;
  }
  answer.head = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  if (!absl::SimpleAtoi(answer.head.substr(9, 3), &answer.status)) return {};
  const std::string lower = absl::AsciiStrToLower(answer.head);
  const size_t at = lower.find("\r\ncontent-length: ");
  size_t length = 0;
  if (at != std::string::npos && !head_only) {
    const size_t start = at + 18;
    if (!absl::SimpleAtoi(lower.substr(start, lower.find('\r', start) - start),
                          &length)) {
      return {};
    }
  }
  while (buffer_.size() < length) {
    if (!Fill()) break;
  }
  answer.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return answer;
}

bool RawClient::Ends(absl::Duration patience) {
  for (;;) {
    pollfd entry = {socket_, POLLIN, 0};
    if (::poll(&entry, 1, static_cast<int>(patience / absl::Milliseconds(1))) <=
        0) {
      return false;
    }
    std::array<char, 4096> bytes;
    if (::recv(socket_, bytes.data(), bytes.size(), 0) <= 0) return true;
  }
}

bool RawClient::Fill() {
  pollfd entry = {socket_, POLLIN, 0};
  if (::poll(&entry, 1, 10'000) <= 0) return false;
  std::array<char, 16 << 10> bytes;
  const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  buffer_.append(bytes.data(), static_cast<size_t>(count));
  return true;
}

std::string PostText(absl::string_view path, absl::string_view content_type,
                     absl::string_view body, absl::string_view more_headers) {
  return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: localhost\r\n",
                      "Content-Type: ", content_type, "\r\n", more_headers,
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

namespace {

std::string Zip(absl::string_view bytes, int window_bits) {
  z_stream stream = {};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8,
               Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

// 16 more ask for gzip's own head and end.
std::string Gzip(absl::string_view bytes) { return Zip(bytes, 15 + 16); }
std::string Deflate(absl::string_view bytes) { return Zip(bytes, 15); }

std::string Chunked(absl::string_view body, size_t size) {
  std::string out;
  while (!body.empty()) {
    const absl::string_view piece = body.substr(0, size);
    absl::StrAppend(&out, absl::Hex(piece.size()), "\r\n", piece, "\r\n");
    body.remove_prefix(piece.size());
  }
  return absl::StrCat(out, "0\r\n\r\n");
}

}  // namespace chatgate

#include "server/web_api/inflater.h"

#include <zlib.h>

namespace chatgate {
namespace {

constexpr int kWindowGzipOrZlib = 15 + 32;

}  // namespace

Inflater::Inflater(size_t bytes_max)
    : bytes_max_(bytes_max), stream_(std::make_unique<z_stream_s>()) {
  *stream_ = {};
  inflateInit2(stream_.get(), kWindowGzipOrZlib);
}

Inflater::~Inflater() { inflateEnd(stream_.get()); }

absl::Status Inflater::Add(absl::string_view piece, std::string* out) {
  char buffer[16384];
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
  stream_->avail_in = static_cast<uInt>(piece.size());
  stream_->avail_out = 1;
  // A full buffer may have left something behind.
  while (stream_->avail_in > 0 || stream_->avail_out == 0) {
    if (finished_ && stream_->avail_in > 0) {
      return absl::UnavailableError("the answer's gzip has something behind");
    }
    stream_->next_out = reinterpret_cast<Bytef*>(buffer);
    stream_->avail_out = sizeof(buffer);
    const int code = inflate(stream_.get(), Z_NO_FLUSH);
    if (code == Z_BUF_ERROR) return absl::OkStatus();  // It wants more.
    if (code != Z_OK && code != Z_STREAM_END) {
      return absl::UnavailableError("the answer's gzip is damaged");
    }
    const size_t made = sizeof(buffer) - stream_->avail_out;
    if (out->size() + made > bytes_max_) {
      return absl::ResourceExhaustedError("the answer is too long, unzipped");
    }
    out->append(buffer, made);
    finished_ = code == Z_STREAM_END;
    if (finished_) stream_->avail_out = 1;
  }
  return absl::OkStatus();
}

}  // namespace chatgate

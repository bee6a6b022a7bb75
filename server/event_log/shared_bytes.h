#ifndef CHATGATE_SERVER_EVENT_LOG_SHARED_BYTES_H_
#define CHATGATE_SERVER_EVENT_LOG_SHARED_BYTES_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace chatgate {

// SharedBytes is a piece of bytes that do not change any more and that others
// may share, too. It keeps the whole of them.
class SharedBytes {
 public:
  SharedBytes() = default;
  SharedBytes(std::string whole)  // NOLINT: the whole is a piece, too.
      : whole_(std::make_shared<const std::string>(std::move(whole))),
        piece_(*whole_) {}
  SharedBytes(std::shared_ptr<const std::string> whole, size_t begin,
              size_t size)
      : whole_(std::move(whole)),
        piece_(absl::string_view(*whole_).substr(begin, size)) {}

  operator absl::string_view() const { return piece_; }  // NOLINT: as above.
  explicit operator std::string() const { return std::string(piece_); }

  const char* data() const { return piece_.data(); }
  size_t size() const { return piece_.size(); }

  // Takes `next` in where it follows directly, in the same whole.
  bool Extend(const SharedBytes& next) {
    const bool follows = whole_ != nullptr && whole_ == next.whole_ &&
                         data() + size() == next.data();
    if (!follows) return false;
    piece_ = absl::string_view(data(), size() + next.size());
    return true;
  }

 private:
  std::shared_ptr<const std::string> whole_;
  absl::string_view piece_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_EVENT_LOG_SHARED_BYTES_H_

#ifndef CHATGATE_SERVER_WEB_API_INFLATER_H_
#define CHATGATE_SERVER_WEB_API_INFLATER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

struct z_stream_s;

namespace chatgate {

// Inflater unzips a body (gzip or zlib form) piece by piece, and never makes
// more bytes than its limit, whatever the pieces claim.
class Inflater {
 public:
  explicit Inflater(size_t bytes_max);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends what `piece` holds to `out`, which nobody else appends to.
  // RESOURCE_EXHAUSTED: more than the limit. UNAVAILABLE: it is damaged.
  absl::Status Add(absl::string_view piece, std::string* out);

  // The end of the zipped bytes was there.
  bool finished() const { return finished_; }

 private:
  const size_t bytes_max_;
  std::unique_ptr<z_stream_s> stream_;
  bool finished_ = false;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_INFLATER_H_

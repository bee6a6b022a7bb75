#ifndef CHATGATE_SERVER_REST_CODEC_REQUEST_WRITER_H_
#define CHATGATE_SERVER_REST_CODEC_REQUEST_WRITER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "chatgate/v1/options.pb.h"
#include "google/protobuf/message.h"
#include "server/rest_codec/rest_method.h"

namespace chatgate {

// A call as a client of the Web API sends it. The caller adds the token.
struct RestCall {
  v1::Verb verb = v1::VERB_UNSPECIFIED;
  std::string path;  // Encoded, without a leading slash.
  std::vector<std::pair<std::string, std::string>> arguments;

  // The arguments as a query or as the body of a form.
  std::string Form() const;
};

// The set fields of a request become holes of the path and arguments, in the
// order of the proto; `id_as_string=true` comes last. An unset `app_id` of a
// path is `default_app_id`.
// ValidationError: a field that the path needs is unset.
absl::StatusOr<RestCall> WriteRequest(const RestMethod& method,
                                      const google::protobuf::Message& request,
                                      uint64_t default_app_id);

// `text` for a path segment, a query or a form: all but letters, digits and
// `-._~` as %XX.
std::string PercentEncoded(absl::string_view text);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_REST_CODEC_REQUEST_WRITER_H_

#ifndef CHATGATE_SERVER_REST_CODEC_ENVELOPE_READER_H_
#define CHATGATE_SERVER_REST_CODEC_ENVELOPE_READER_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/rest_codec/rest_method.h"

namespace chatgate {

// Reads the platform's answer into an empty response, leniently: what the proto
// does not know is kept where it has room for it, `data` of another kind than
// expected leaves the response empty.
//
// The platform's error becomes the status of its row, with its own words and
// the fields that it names. An error without a name, or a body that is no
// envelope, goes by `http_status`; a body that cannot be read though the call
// went well is Error500, for nobody knows what it said.
absl::Status ReadEnvelope(const RestMethod& method, int http_status,
                          absl::string_view body,
                          google::protobuf::Message* response);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_REST_CODEC_ENVELOPE_READER_H_

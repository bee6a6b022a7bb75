#ifndef CHATGATE_SERVER_REST_CODEC_REQUEST_READER_H_
#define CHATGATE_SERVER_REST_CODEC_REQUEST_READER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "server/rest_codec/rest_argument.h"
#include "server/rest_codec/rest_method.h"

namespace chatgate {

// Fills an empty request from what a client of the Web API sent. `holes` has
// the decoded text of each hole of the path, in order; a hole that is empty
// text is left unset.
//
//   ReadRequest(list_parts, {"7179725"}, {{"count", "5"}, {"after", "0"}}, &r)
//
// Unknown arguments are ignored; numbers are exact to 2^64-1; booleans are
// those of IsTrue; `after=0` and an empty `after` are the first page.
//
// ValidationError: names every argument that is wrong by its name on the wire.
// The request is then unspecified. Whether it makes sense is for the backend to
// say.
absl::Status ReadRequest(const RestMethod& method,
                         const std::vector<std::string>& holes,
                         const RestArguments& arguments,
                         google::protobuf::Message* request);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_REST_CODEC_REQUEST_READER_H_

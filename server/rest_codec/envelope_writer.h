#ifndef CHATGATE_SERVER_REST_CODEC_ENVELOPE_WRITER_H_
#define CHATGATE_SERVER_REST_CODEC_ENVELOPE_WRITER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/backend/error_table.h"
#include "server/rest_codec/rest_method.h"

namespace chatgate {

// The answer of a call that went well: `{"meta": {"status": 200, ...}, "data":
// ...}`. A page token that is a number stands as one, `null` for none. Ids are
// numbers, or text with `ids_as_text`.
std::string WriteEnvelope(const RestMethod& method,
                          const google::protobuf::Message& response,
                          bool ids_as_text);

// The row of the error table that a status goes by: that of its name, else that
// of its code. Whatever has HTTP status 500 is Error500.
const ErrorRow& RestErrorRow(const absl::Status& status);

struct RestError {
  int http_status = 500;
  std::string body;
};

// The answer of a call that failed: `meta.error` and `meta.error_message`, with
// `meta.error_fields` (an object of field and reason) where fields are named.
// They have the names of the wire where `method` is given.
RestError WriteError(const absl::Status& status,
                     const RestMethod* method = nullptr);

// An envelope with that HTTP status, for what is in no row of the table.
std::string WriteErrorEnvelope(int http_status, absl::string_view name,
                               absl::string_view message);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_REST_CODEC_ENVELOPE_WRITER_H_

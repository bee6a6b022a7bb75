#ifndef CHATGATE_SERVER_REST_CODEC_ARGUMENT_READER_H_
#define CHATGATE_SERVER_REST_CODEC_ARGUMENT_READER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/backend/error_table.h"
#include "server/rest_codec/rest_argument.h"
#include "server/rest_codec/rest_method.h"

namespace chatgate {

// The booleans of the Web API: `false` in any letter case, `0` and the empty
// text are false, every other text is true.
bool IsTrue(absl::string_view text);

// Sets one scalar field from text, exact to the last digit. An empty text
// leaves a number unset. Returns why it cannot; empty when it could.
std::string ReadScalarArgument(absl::string_view text, const RestField& field,
                               google::protobuf::Message* request);

// Adds the words of a list: `a,b` or `["a", "b"]`.
std::string ReadWordsArgument(const RestArgument& argument,
                              const RestField& field,
                              google::protobuf::Message* request);

// Sets a field from JSON, bare or as text. What has the wrong shape is named
// member by member, but for the elements of a list: the platform judges those
// one by one.
void ReadJsonArgument(const RestArgument& argument, const RestField& field,
                      google::protobuf::Message* request,
                      std::vector<FieldViolation>* violations);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_REST_CODEC_ARGUMENT_READER_H_

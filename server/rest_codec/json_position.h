#ifndef CHATGATE_SERVER_REST_CODEC_JSON_POSITION_H_
#define CHATGATE_SERVER_REST_CODEC_JSON_POSITION_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace chatgate {

// Where the text of an error lies, found without a parser: the text may be no
// JSON at all.

// The first position that lies in more than `depth_max` containers; npos where
// there is none.
size_t FirstTooDeep(absl::string_view json, int depth_max);

// The first position that is not UTF-8; npos where there is none.
size_t FirstNotUtf8(absl::string_view text);

// The first number that no double and no 64-bit integer holds; npos where there
// is none.
size_t FirstHugeNumber(absl::string_view json);

// The name of the outermost object's member that `position` lies in, as
// written; empty where there is none, or it is no UTF-8.
std::string MemberAt(absl::string_view json, size_t position);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_REST_CODEC_JSON_POSITION_H_

#ifndef CHATGATE_SERVER_JSON_STRUCT_READER_H_
#define CHATGATE_SERVER_JSON_STRUCT_READER_H_

#include "google/protobuf/struct.pb.h"
#include "simdjson.h"

namespace chatgate {

// Containers inside each other in a Struct, at most. A level of JSON is three
// of protobuf, whose parsers stop at 100: a deeper Struct could be written into
// the event log and never be read again.
inline constexpr int kStructDepthMax = 24;

// Each fills `out` from a value of the right kind; whole numbers beyond 2^53
// become text. False: nested too deeply; `out` is then unspecified.
bool ReadStruct(simdjson::dom::object object, google::protobuf::Struct* out,
                int depth = 1);
bool ReadListValue(simdjson::dom::array list, google::protobuf::ListValue* out,
                   int depth = 1);
bool ReadValue(simdjson::dom::element value, google::protobuf::Value* out,
               int depth = 0);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_JSON_STRUCT_READER_H_

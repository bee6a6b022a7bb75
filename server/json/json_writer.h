#ifndef CHATGATE_SERVER_JSON_JSON_WRITER_H_
#define CHATGATE_SERVER_JSON_JSON_WRITER_H_

#include <string>

#include "google/protobuf/message.h"

namespace chatgate {

struct JsonWriteOptions {
  bool ids_as_text = false;  // `id_as_string=true` of the Web API.
};

// Writes a message as the platforms write JSON: wire names, whole numbers bare,
// 64-bit ids exact, unions as their bare value, `unknown_fields_json` merged
// back in, unset fields with presence left out, and ASCII alone (`\uXXXX`), as
// Dashly's webhooks have. ReadJson(WriteJson(m)) gives m again.
std::string WriteJson(const google::protobuf::Message& message,
                      const JsonWriteOptions& options = {});

}  // namespace chatgate

#endif  // CHATGATE_SERVER_JSON_JSON_WRITER_H_

#ifndef CHATGATE_SERVER_WEB_API_REQUEST_DEFAULTS_H_
#define CHATGATE_SERVER_WEB_API_REQUEST_DEFAULTS_H_

#include "google/protobuf/message.h"

namespace chatgate {

// Writes into a request what the contract promises for fields that are left out
// or too large, where the platform promises nothing: `page_size` of more than
// 50, and in filters `type`, `unit` and `value`.
void FillDefaults(google::protobuf::Message* request);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_WEB_API_REQUEST_DEFAULTS_H_

#ifndef CHATGATE_CLIENT_UNARY_CALL_H_
#define CHATGATE_CLIENT_UNARY_CALL_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf
namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace chatgate {

// One attempt at a unary call, `path` being `/package.Service/Method`. Blocks
// until the answer is there or the context's deadline has passed. INTERNAL: the
// answer is not a message of `response`'s type.
//
// Threads: any but gRPC's own.
absl::Status UnaryCall(const std::shared_ptr<grpc::Channel>& channel,
                       grpc::ClientContext& context, const std::string& path,
                       const google::protobuf::Message& request,
                       google::protobuf::Message* response);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_UNARY_CALL_H_

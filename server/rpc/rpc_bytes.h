#ifndef CHATGATE_SERVER_RPC_RPC_BYTES_H_
#define CHATGATE_SERVER_RPC_RPC_BYTES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"

namespace chatgate {

// A message as gRPC carries it.
grpc::ByteBuffer ToByteBuffer(const google::protobuf::Message& message);
grpc::ByteBuffer ToByteBuffer(absl::string_view message);

// The other way; `bytes` are used up. False where they are no such message.
bool ParseByteBuffer(grpc::ByteBuffer& bytes,
                     google::protobuf::Message* message);

// What who sent them is told, where they are no message of this type.
std::string WhyUnreadable(const google::protobuf::Descriptor& type);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_RPC_RPC_BYTES_H_

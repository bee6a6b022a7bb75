#include "server/rpc/rpc_bytes.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/slice.h"

namespace chatgate {

grpc::ByteBuffer ToByteBuffer(const google::protobuf::Message& message) {
  const size_t size = message.ByteSizeLong();
  // One piece: gRPC's cost is by the piece.
  grpc::Slice slice(size);
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer ToByteBuffer(absl::string_view message) {
  grpc::Slice slice(message.data(), message.size());
  return grpc::ByteBuffer(&slice, 1);
}

bool ParseByteBuffer(grpc::ByteBuffer& bytes,
                     google::protobuf::Message* message) {
  bool parsed = false;
  if (grpc::Slice slice; bytes.TrySingleSlice(&slice).ok()) {
    parsed =
        message->ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
  } else if (bytes.Valid()) {
    grpc::ProtoBufferReader reader(&bytes);
    parsed = reader.status().ok() && message->ParseFromZeroCopyStream(&reader);
  }
  bytes.Clear();
  return parsed;
}

std::string WhyUnreadable(const google::protobuf::Descriptor& type) {
  return absl::StrCat("the bytes are no ", type.full_name(),
                      ", or a text in them is not UTF-8");
}

}  // namespace chatgate

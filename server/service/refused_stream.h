#ifndef CHATGATE_SERVER_SERVICE_REFUSED_STREAM_H_
#define CHATGATE_SERVER_SERVICE_REFUSED_STREAM_H_

#include <utility>

#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace chatgate {

// A stream that ends before it begins. Owns itself.
class RefusedStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit RefusedStream(grpc::Status status) { Finish(std::move(status)); }
  void OnDone() override { delete this; }
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_REFUSED_STREAM_H_

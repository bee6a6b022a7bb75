#ifndef CHATGATE_SERVER_SERVICE_STREAM_PLACE_H_
#define CHATGATE_SERVER_SERVICE_STREAM_PLACE_H_

#include <cstdint>

#include "grpcpp/support/byte_buffer.h"
#include "server/service/stream_hub.h"

namespace chatgate {

// A response of events that somebody built: who wants every event after `from`
// may write it, too. Its bytes are shared.
struct SharedResponse {
  uint64_t from = 0;
  uint64_t to = 0;    // 0: there is none.
  bool full = false;  // No other event would have fitted.
  grpc::ByteBuffer bytes;
};

// StreamPlace is what the streams of one queue share.
//
// Threads:  the queue's alone. Lifetime: ends after the last of its streams.
struct StreamPlace {
  StreamPlace(Hub& hub, RpcQueue& queue) : hub(hub, queue) {}

  StreamHub hub;
  SharedResponse last;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_SERVICE_STREAM_PLACE_H_

#ifndef CHATGATE_SERVER_RPC_SERVER_STREAM_H_
#define CHATGATE_SERVER_RPC_SERVER_STREAM_H_

#include <cstddef>
#include <functional>

#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/rpc/rpc_tag.h"

namespace chatgate {

class RpcAcceptor;
class RpcQueue;

// ServerStream is one call with one request and any number of answers, as
// bytes. At most one Write is under way; Finish comes once, when none is.
//
// Threads:  the listener is called on the queue's thread, one call at a time;
//           Write and Finish from any thread.
// Lifetime: owns itself until OnDone has returned.
class ServerStream final {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // The write has left; !ok: the client is gone, and Finish is due.
    virtual void OnWriteDone(bool ok) = 0;
    // The client is gone. At most once, at any time; Finish is due unless it
    // was called.
    virtual void OnCancel() = 0;
    // The end: Finish was called, and nothing of the stream is used any more.
    virtual void OnDone() = 0;
  };

  const grpc::ServerContext& context() const { return context_; }
  // Used up by who reads it.
  grpc::ByteBuffer& request() { return request_; }

  // Its thread is where the listener is called.
  RpcQueue& queue() { return queue_; }

  // Runs `task` on the thread where writing is cheapest, maybe at once. Finish
  // is still due.
  void Run(std::function<void()> task);

  // Set by the handler before it returns, where it does not Finish by itself.
  void SetListener(Listener* listener) { listener_ = listener; }

  void Write(const grpc::ByteBuffer& response);
  void WriteAndFinish(const grpc::ByteBuffer& last, const grpc::Status& status);
  void Finish(const grpc::Status& status);

 private:
  friend class RpcAcceptor;  // Makes them.

  // A member function as a tag.
  class Step final : public RpcTag {
   public:
    using Function = void (ServerStream::*)(bool ok);
    Step(ServerStream& stream, Function function)
        : stream_(stream), function_(function) {}
    void Proceed(bool ok) override { (stream_.*function_)(ok); }
    void* tag() { return static_cast<RpcTag*>(this); }

   private:
    ServerStream& stream_;
    const Function function_;
  };

  ServerStream(RpcAcceptor& acceptor, size_t method, RpcQueue& queue);
  ~ServerStream() = default;

  void OnRequested(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool ok);
  // The client has it all, or is gone.
  void OnOver(bool ok);
  void EndIfOver();

  RpcAcceptor& acceptor_;
  const size_t method_;
  RpcQueue& queue_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_{&context_};
  Step requested_{*this, &ServerStream::OnRequested};
  Step written_{*this, &ServerStream::OnWritten};
  Step finished_{*this, &ServerStream::OnFinished};
  Step over_{*this, &ServerStream::OnOver};

  // Of the queue's thread.
  Listener* listener_ = nullptr;
  bool is_finished_ = false;
  bool is_over_ = false;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_RPC_SERVER_STREAM_H_

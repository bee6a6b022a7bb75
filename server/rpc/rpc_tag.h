#ifndef CHATGATE_SERVER_RPC_RPC_TAG_H_
#define CHATGATE_SERVER_RPC_RPC_TAG_H_

namespace chatgate {

// What a completion queue gives back: every tag in an RpcQueue is one.
class RpcTag {
 public:
  // Called on the queue's thread. `ok`: as gRPC means it for the operation.
  virtual void Proceed(bool ok) = 0;

 protected:
  ~RpcTag() = default;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_RPC_RPC_TAG_H_

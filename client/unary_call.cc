#include "client/unary_call.h"

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/status.h"
#include "server/base/mutex.h"

namespace chatgate {
namespace {

// Where the caller meets gRPC's callback.
class Answer {
 public:
  void Set(grpc::Status status) ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    status_ = std::move(status);
    done_ = true;
    changed_.Signal();
  }
  grpc::Status Wait() ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(mu_);
    while (!done_) changed_.Wait(mu_);
    return status_;
  }

 private:
  Mutex mu_;
  CondVar changed_;
  bool done_ ABSL_GUARDED_BY(mu_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

absl::Status UnaryCall(const std::shared_ptr<grpc::Channel>& channel,
                       grpc::ClientContext& context, const std::string& path,
                       const google::protobuf::Message& request,
                       google::protobuf::Message* response) {
  const grpc::Slice bytes(request.SerializeAsString());
  const grpc::ByteBuffer sent(&bytes, 1);
  grpc::ByteBuffer received;
  grpc::GenericStub stub(channel);
  Answer answer;
  stub.UnaryCall(
      &context, path, grpc::StubOptions(), &sent, &received,
      [&answer](grpc::Status status) { answer.Set(std::move(status)); });
  const grpc::Status status = answer.Wait();
  if (!status.ok()) return FromGrpc(status);
  grpc::ProtoBufferReader reader(&received);
  if (!response->ParseFromZeroCopyStream(&reader)) {
    return absl::InternalError(
        absl::StrCat("the answer of ", path, " cannot be read"));
  }
  return absl::OkStatus();
}

}  // namespace chatgate

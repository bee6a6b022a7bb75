#include "server/rpc/rpc_service.h"

#include <cassert>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/log.h"

namespace chatgate {

RpcService::RpcService(const google::protobuf::ServiceDescriptor& descriptor)
    : name_(descriptor.full_name()) {
  for (int i = 0; i < descriptor.method_count(); ++i) {
    const google::protobuf::MethodDescriptor* method = descriptor.method(i);
    methods_.push_back({.descriptor = method,
                        .path = absl::StrCat("/", name_, "/", method->name()),
                        .on_call = nullptr,
                        .on_stream = nullptr});
  }
}

void RpcService::OnCall(absl::string_view method, CallHandler handler) {
  Method& found = Find(method);
  assert(!found.descriptor->server_streaming());
  found.on_call = std::move(handler);
}

void RpcService::OnStream(absl::string_view method, StreamHandler handler) {
  Method& found = Find(method);
  assert(found.descriptor->server_streaming());
  found.on_stream = std::move(handler);
}

void RpcService::OnUnreadable(UnreadableHandler handler) {
  on_unreadable_ = std::move(handler);
}

grpc::Status RpcService::RefuseUnreadable(const grpc::ServerContext& context,
                                          const std::string& why) const {
  if (on_unreadable_) return on_unreadable_(context, why);
  return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, why);
}

RpcService::Method& RpcService::Find(absl::string_view name) {
  for (Method& method : methods_) {
    if (method.descriptor->name() == name) return method;
  }
  LogError("the contract has no such method", {{"method", name}});
  std::abort();
}

}  // namespace chatgate

#ifndef CHATGATE_SERVER_BACKEND_METHOD_TABLE_H_
#define CHATGATE_SERVER_BACKEND_METHOD_TABLE_H_

#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "chatgate/v1/options.pb.h"
#include "google/protobuf/descriptor.h"

namespace chatgate {

// One mirrored method.
struct Method {
  const google::protobuf::MethodDescriptor* descriptor;
  v1::RestRule rest;

  const std::string& name() const { return descriptor->name(); }
  bool mutates() const { return rest.verb() == v1::POST; }
};

// The mirrored methods of a service, read from the options in the proto.
// Immutable, so any thread may use it.
class MethodTable {
 public:
  // The methods of `service` that carry the option `rest`; the others (streams,
  // operations) are not mirrored.
  // INVALID_ARGUMENT with every problem at once: a hole that is no single field
  // of the request, two methods with one request type, a `data` that is no
  // field of the response, a rule without verb, path or priority, a stream.
  static absl::StatusOr<MethodTable> Build(
      const google::protobuf::ServiceDescriptor& service);

  // The method whose request is of this type, or nullptr.
  const Method* Find(const google::protobuf::Descriptor* request) const;

  // In the order of the proto.
  const std::vector<Method>& methods() const { return methods_; }

 private:
  std::vector<Method> methods_;
  std::unordered_map<const google::protobuf::Descriptor*, size_t> by_request_;
};

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BACKEND_METHOD_TABLE_H_

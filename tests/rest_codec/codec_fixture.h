#ifndef CHATGATE_TESTS_REST_CODEC_CODEC_FIXTURE_H_
#define CHATGATE_TESTS_REST_CODEC_CODEC_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "chatgate/v1/chat_service.pb.h"
#include "gtest/gtest.h"
#include "server/backend/error_table.h"
#include "server/backend/method_table.h"
#include "server/rest_codec/request_reader.h"
#include "server/rest_codec/rest_method.h"

namespace chatgate {

// The methods of ChatService as the codec sees them.
class CodecTest : public ::testing::Test {
 protected:
  CodecTest()
      : table_(
            MethodTable::Build(
                *v1::ListUsersRequest::descriptor()->file()->FindServiceByName(
                    "ChatService"))
                .value()) {}

  RestMethod MethodOf(absl::string_view rpc) const {
    for (const Method& method : table_.methods()) {
      if (method.name() == std::string(rpc)) return RestMethod(method);
    }
    ADD_FAILURE() << rpc << " is no method";
    return RestMethod(table_.methods().front());
  }

  template <typename Request>
  RestMethod MethodFor() const {
    return RestMethod(*table_.Find(Request::descriptor()));
  }

  // Reads arguments into a request.
  template <typename Request>
  absl::StatusOr<Request> Read(const RestArguments& arguments,
                               std::vector<std::string> holes = {"1"}) const {
    Request request;
    const absl::Status status =
        ReadRequest(MethodFor<Request>(), holes, arguments, &request);
    if (!status.ok()) return status;
    return request;
  }

  // Names and reasons of what is wrong; empty where nothing is.
  template <typename Request>
  std::vector<std::string> Wrong(const RestArguments& arguments,
                                 std::vector<std::string> holes = {"1"}) const {
    Request request;
    const absl::Status status =
        ReadRequest(MethodFor<Request>(), holes, arguments, &request);
    std::vector<std::string> wrong;
    EXPECT_EQ(ErrorName(status), status.ok() ? "" : "ValidationError");
    for (const FieldViolation& violation : FieldViolations(status)) {
      wrong.push_back(violation.field + ": " + violation.description);
    }
    return wrong;
  }

  const MethodTable table_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_REST_CODEC_CODEC_FIXTURE_H_

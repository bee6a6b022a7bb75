// What callers are told when the store takes no more.
#include <memory>
#include <utility>

#include "server/backend/error_table.h"
#include "tests/platform/platform_fixture.h"

namespace chatgate {
namespace {

// A store that refuses whatever it is asked.
class RefusingStore final : public Store {
 public:
  explicit RefusingStore(absl::Status why) : why_(std::move(why)) {}

  void Submit(Work, Done done) override { done(why_); }
  void SubmitRepeatable(Work, Done done) override { done(why_); }
  void SubmitRead(Reading reading) override { reading(why_); }
  void SubmitShortRead(Reading reading) override { reading(why_); }
  absl::Status Read(const std::function<absl::Status(Connection&)>&) override {
    return why_;
  }
  absl::Status Health() const override { return why_; }
  void OnBroken(std::function<void(absl::Status)>) override {}

 private:
  const absl::Status why_;
};

class StoreErrorsTest : public PlatformTest {
 protected:
  absl::Status CallWith(const absl::Status& refusal,
                        const google::protobuf::Message& request,
                        google::protobuf::Message* response) {
    v1::AppConfig app;
    app.set_id(777);
    app.mutable_embedded();
    RefusingStore store(refusal);
    EmbeddedPlatform platform(store, *log_, clock_, {app});
    absl::Status result;
    CallContext context;
    context.app_id = 777;
    platform.Call(context, request, response,
                  [&](absl::Status status) { result = std::move(status); });
    return result;
  }
};

TEST_F(StoreErrorsTest, ABrokenStoreIsNamed) {
  v1::SetTypingResponse response;
  const absl::Status status = CallWith(absl::UnavailableError("disk is full"),
                                       v1::SetTypingRequest(), &response);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "disk is full"));
  EXPECT_EQ(ErrorNameOf(status), "STORAGE_REFUSES_WRITES");
}

TEST_F(StoreErrorsTest, AFullQueueIsNamedAndSaysWhenToTryAgain) {
  v1::ListChannelsResponse response;
  const absl::Status status = CallWith(absl::ResourceExhaustedError("too many"),
                                       v1::ListChannelsRequest(), &response);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ErrorNameOf(status), "OVERLOADED");
  EXPECT_EQ(RetryDelay(status), absl::Seconds(1));
}

}  // namespace
}  // namespace chatgate

#ifndef CHATGATE_TESTS_SERVICE_SERVICE_FIXTURE_H_
#define CHATGATE_TESTS_SERVICE_SERVICE_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "chatgate/v1/chat_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "server/service/chat_service.h"
#include "server/service/grpc_server.h"
#include "tests/service/fake_backend.h"
#include "tests/service/fake_event_log.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace chatgate {

// Tokens of the callers that every test has.
inline constexpr char kReader[] = "reader-token";     // Every app.
inline constexpr char kWriter[] = "writer-token";     // Every app.
inline constexpr char kOnly777[] = "only-777-token";  // WRITER.
inline constexpr char kNoApp[] = "no-app-token";  // An app that is not there.

// A status as a client sees it.
absl::Status ToAbsl(const grpc::Status& status);
// The reason in its details, or the field that a BadRequest names.
std::string ReasonOf(const grpc::Status& status);
std::string FieldOf(const grpc::Status& status);

void Authorize(grpc::ClientContext* context, const std::string& token);

// One stream, as a test reads it.
class TestStream {
 public:
  TestStream(v1::ChatService::Stub& stub, const std::string& token,
             const v1::SubscribeRequest& request);
  ~TestStream();

  // The next response; an empty one when the stream has ended.
  v1::SubscribeResponse Next();
  // The seqs of the next events; heartbeats and gaps are passed over.
  std::vector<uint64_t> NextSeqs(size_t count);
  grpc::Status Finish() { return reader_->Finish(); }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::SubscribeResponse>> reader_;
};

// A service over two apps, 777 and 888, with fakes behind it.
class ServiceFixture : public ::testing::Test {
 protected:
  ServiceFixture() : ServiceFixture(ChatServiceOptions{}) {}
  // `queues`: of gRPC; with one, streams share what one has built.
  explicit ServiceFixture(const ChatServiceOptions& options, int queues = 1);
  ~ServiceFixture() override;

  // Adds a part written by a lead, of app 777 unless told.
  uint64_t AddPart(const std::string& body, uint64_t app_id = 777,
                   const std::string& direction = "u2a");

  std::unique_ptr<TestStream> Subscribe(
      const v1::SubscribeRequest& request = {},
      const std::string& token = kReader);
  grpc::Status SubscribeError(const v1::SubscribeRequest& request,
                              const std::string& token = kReader);
  static v1::SubscribeRequest From(v1::Start start);

  FakeClock clock_;
  FakeEventLog log_;
  std::unique_ptr<Hub> hub_;
  FakeBackend backend_777_;
  FakeBackend backend_888_;
  std::unique_ptr<ChatService> service_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::ChatService::Stub> stub_;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_SERVICE_SERVICE_FIXTURE_H_

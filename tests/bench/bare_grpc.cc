#include "tests/bench/bare_grpc.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "chatgate/v1/chat_service.pb.h"
#include "tests/bench/bench_client.h"
#include "tests/bench/sample_event.h"

namespace chatgate {
namespace {

constexpr int kCallsAtATime = 256;
// Where the ids of the embedded platform begin: as many bytes.
constexpr uint64_t kFirstPart = 1'000'000'000'000;

// The methods, in the order in which they are added.
constexpr int kGetConversation = 0;
constexpr int kReplyToConversation = 1;
constexpr int kSubscribe = 2;

// `part { id }`: behind a reply, it gives its part this id.
std::string PartId(uint64_t id) {
  v1::ReplyToConversationResponse response;
  response.mutable_part()->set_id(id);
  return response.SerializeAsString();
}

}  // namespace

// As the generated code has it, but of three methods and for bytes alone.
class BareGrpc::RawService final : public grpc::Service {
 public:
  using Kind = grpc::internal::RpcMethod::RpcType;

  RawService() {
    Add("/chatgate.v1.ChatService/GetConversation", Kind::NORMAL_RPC);
    Add("/chatgate.v1.ChatService/ReplyToConversation", Kind::NORMAL_RPC);
    Add("/chatgate.v1.ChatService/Subscribe", Kind::SERVER_STREAMING);
  }

  void RequestUnary(int method, grpc::ServerContext* context,
                    grpc::ByteBuffer* request,
                    grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>* writer,
                    grpc::ServerCompletionQueue* queue, BareEvent* tag) {
    RequestAsyncUnary(method, context, request, writer, queue, queue, tag);
  }
  void RequestStream(BareFanout::Subscriber& subscriber,
                     grpc::ServerCompletionQueue* queue) {
    RequestAsyncServerStreaming(kSubscribe, &subscriber.context(),
                                &subscriber.request(), &subscriber.writer(),
                                queue, queue,
                                static_cast<BareEvent*>(&subscriber));
  }

 private:
  void Add(const char* name, Kind kind) {
    AddMethod(new grpc::internal::RpcServiceMethod(name, kind, nullptr));
    MarkMethodRaw(methods_++);
  }
  int methods_ = 0;
};

// One call of a method at a time, again and again.
class BareGrpc::Unary final : public BareEvent {
 public:
  Unary(BareGrpc& server, int method) : server_(server), method_(method) {
    Request();
  }

  int method() const { return method_; }

  // From any thread; then this waits for the next call.
  void Finish(const grpc::ByteBuffer& reply) {
    call_->writer.Finish(reply, grpc::Status::OK,
                         static_cast<BareEvent*>(this));
  }
  void Refuse(grpc::StatusCode code, const std::string& why) {
    call_->writer.FinishWithError(grpc::Status(code, why),
                                  static_cast<BareEvent*>(this));
  }

  void Proceed(bool ok) override {
    if (!ok && !answering_) {  // The server ends.
      delete this;
      return;
    }
    if (answering_) {
      call_ = std::make_unique<Call>();
      return Request();
    }
    answering_ = true;
    server_.Answer(*this);
  }

 private:
  struct Call {
    grpc::ServerContext context;
    grpc::ByteBuffer request;
    grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer{&context};
  };

  void Request() {
    answering_ = false;
    server_.service_->RequestUnary(method_, &call_->context, &call_->request,
                                   &call_->writer, server_.queue_.get(), this);
  }

  BareGrpc& server_;
  const int method_;
  std::unique_ptr<Call> call_ = std::make_unique<Call>();
  bool answering_ = false;
};

BareGrpc::BareGrpc(std::string reply, BareLog* log)
    : reply_bytes_(std::move(reply)),
      reply_(ToBuffer(reply_bytes_)),
      log_(log),
      service_(std::make_unique<RawService>()),
      fanout_(SampleEventWithoutSeq(),
              [this](BareFanout::Subscriber& subscriber) {
                service_->RequestStream(subscriber, queue_.get());
              }) {
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(service_.get());
  queue_ = builder.AddCompletionQueue();
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
  for (int i = 0; i < kCallsAtATime; ++i) {
    new Unary(*this, kGetConversation);
    new Unary(*this, kReplyToConversation);
  }
  fanout_.Start(queue_.get());
  thread_ = std::thread([this] { Run(); });
}

BareGrpc::~BareGrpc() {
  server_->Shutdown(std::chrono::system_clock::now());
  queue_->Shutdown();
  thread_.join();
}

void BareGrpc::Answer(Unary& call) {
  if (call.method() == kGetConversation) return call.Finish(reply_);
  if (log_ == nullptr) {
    return call.Refuse(grpc::StatusCode::FAILED_PRECONDITION, "no log");
  }
  log_->Append(++records_, [this, &call](absl::StatusOr<uint64_t> seq) {
    if (!seq.ok()) {
      return call.Refuse(grpc::StatusCode::UNAVAILABLE,
                         std::string(seq.status().message()));
    }
    const std::string id = PartId(kFirstPart + *seq);
    const grpc::Slice slice(absl::StrCat(reply_bytes_, id));
    call.Finish(grpc::ByteBuffer(&slice, 1));
  });
}

void BareGrpc::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<BareEvent*>(tag)->Proceed(ok);
}

}  // namespace chatgate

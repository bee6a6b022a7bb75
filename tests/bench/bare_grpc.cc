#include "tests/bench/bare_grpc.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/bench_client.h"
#include "tests/bench/sample_event.h"

namespace chatgate {
namespace {

constexpr int kEchoesAtATime = 256;

}  // namespace

// As the generated code has it, but of two methods and for bytes alone.
class BareGrpc::RawService final : public grpc::Service {
 public:
  using Kind = grpc::internal::RpcMethod::RpcType;

  RawService() {
    Add("/chatgate.v1.ChatService/GetConversation", Kind::NORMAL_RPC);
    Add("/chatgate.v1.ChatService/Subscribe", Kind::SERVER_STREAMING);
  }

  void RequestUnary(grpc::ServerContext* context, grpc::ByteBuffer* request,
                    grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>* writer,
                    grpc::ServerCompletionQueue* queue, BareEvent* tag) {
    RequestAsyncUnary(0, context, request, writer, queue, queue, tag);
  }
  void RequestStream(BareFanout::Subscriber& subscriber,
                     grpc::ServerCompletionQueue* queue) {
    RequestAsyncServerStreaming(1, &subscriber.context(), &subscriber.request(),
                                &subscriber.writer(), queue, queue,
                                static_cast<BareEvent*>(&subscriber));
  }

 private:
  void Add(const char* name, Kind kind) {
    AddMethod(new grpc::internal::RpcServiceMethod(name, kind, nullptr));
    MarkMethodRaw(methods_++);
  }
  int methods_ = 0;
};

// One call at a time, again and again.
class BareGrpc::Echo final : public BareEvent {
 public:
  explicit Echo(BareGrpc& server) : server_(server) { Request(); }

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
    call_->writer.Finish(server_.reply_, grpc::Status::OK,
                         static_cast<BareEvent*>(this));
  }

 private:
  struct Call {
    grpc::ServerContext context;
    grpc::ByteBuffer request;
    grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer{&context};
  };

  void Request() {
    answering_ = false;
    server_.service_->RequestUnary(&call_->context, &call_->request,
                                   &call_->writer, server_.queue_.get(), this);
  }

  BareGrpc& server_;
  std::unique_ptr<Call> call_ = std::make_unique<Call>();
  bool answering_ = false;
};

BareGrpc::BareGrpc(std::string reply)
    : reply_(ToBuffer(reply)),
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
  for (int i = 0; i < kEchoesAtATime; ++i) new Echo(*this);
  fanout_.Start(queue_.get());
  thread_ = std::thread([this] { Run(); });
}

BareGrpc::~BareGrpc() {
  server_->Shutdown(std::chrono::system_clock::now());
  queue_->Shutdown();
  thread_.join();
}

void BareGrpc::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<BareEvent*>(tag)->Proceed(ok);
}

}  // namespace chatgate

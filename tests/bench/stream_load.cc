#include "tests/bench/stream_load.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "tests/bench/event_scanner.h"

namespace chatgate {
namespace {

constexpr char kMethod[] = "/chatgate.v1.ChatService/Subscribe";
constexpr int kConnectionsMax = 10;
constexpr std::chrono::seconds kPatience(30);
constexpr absl::Duration kGlanceInterval = absl::Seconds(1);

}  // namespace

struct StreamLoad::Stream {
  enum class State { kStarting, kAsking, kReading };

  size_t index = 0;
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> rpc;
  State state = State::kStarting;
  bool had_first = false;
  grpc::ByteBuffer response;
  EventScanner scanner;
};

StreamLoad::StreamLoad(const std::string& address, std::string token,
                       int subscribers)
    : authorization_(absl::StrCat("Bearer ", token)),
      stubs_(Connect(address, std::min(subscribers, kConnectionsMax))) {
  for (int i = 0; i < subscribers; ++i) {
    streams_.push_back(std::make_unique<Stream>());
    Stream& stream = *streams_.back();
    stream.index = static_cast<size_t>(i);
    stream.context.AddMetadata("authorization", authorization_);
    stream.rpc = stubs_[static_cast<size_t>(i) % stubs_.size()]->PrepareCall(
        &stream.context, kMethod, &queue_);
  }
  resting_ = std::thread([this] { Rest(); });
}

StreamLoad::~StreamLoad() {
  {
    MutexLock lock(mu_);
    ending_ = true;
    ends_.Signal();
  }
  resting_.join();
  for (const auto& stream : streams_) stream->context.TryCancel();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) continue;
}

absl::Status StreamLoad::Open(v1::Start start, uint64_t after) {
  MutexLock lock(mu_);
  v1::SubscribeRequest request;
  request.set_start(start);
  const grpc::ByteBuffer question = ToBuffer(request.SerializeAsString());
  for (const auto& stream : streams_) {
    stream->response = question;
    stream->scanner.StartAfter(after);
    stream->rpc->StartCall(stream.get());
  }
  while (first_responses_ < streams_.size()) RETURN_IF_ERROR(Next());
  return absl::OkStatus();
}

void StreamLoad::Rest() {
  MutexLock lock(mu_);
  while (!ending_) {
    ends_.WaitFor(mu_, kGlanceInterval);
    if (ending_ || stalled_ || first_responses_ < streams_.size()) continue;
    while (rested_.ok()) {
      const absl::StatusOr<bool> came =
          NextUntil(std::chrono::system_clock::now());
      if (!came.ok()) rested_ = came.status();
      if (!came.ok() || !*came) break;
    }
  }
}

absl::Status StreamLoad::Next() {
  ASSIGN_OR_RETURN(const bool came,
                   NextUntil(std::chrono::system_clock::now() + kPatience));
  if (came) return absl::OkStatus();
  return absl::DeadlineExceededError(absl::StrCat(
      "nothing came for ", kPatience.count(), " s; ", Standings()));
}

absl::StatusOr<bool> StreamLoad::NextUntil(
    std::chrono::system_clock::time_point deadline) {
  RETURN_IF_ERROR(rested_);
  void* tag = nullptr;
  bool ok = false;
  if (queue_.AsyncNext(&tag, &ok, deadline) !=
      grpc::CompletionQueue::GOT_EVENT) {
    return false;
  }
  if (!ok) return WhyEnded(*static_cast<Stream*>(tag));
  RETURN_IF_ERROR(Handle(*static_cast<Stream*>(tag)));
  return true;
}

absl::Status StreamLoad::WhyEnded(Stream& stream) {
  grpc::Status status;
  stream.rpc->Finish(&status, &stream);
  // What comes for others meanwhile does not matter any more.
  void* tag = nullptr;
  bool ok = false;
  while (tag != &stream &&
         queue_.AsyncNext(&tag, &ok,
                          std::chrono::system_clock::now() + kPatience) ==
             grpc::CompletionQueue::GOT_EVENT) {
  }
  return absl::UnavailableError(absl::StrCat(
      "stream ", stream.index, " has ended with code ", status.error_code(),
      ", ", status.error_message(), "; ", Standings()));
}

std::string StreamLoad::Standings() const {
  const auto slowest = std::min_element(
      streams_.begin(), streams_.end(), [](const auto& a, const auto& b) {
        return a->scanner.last_seq() < b->scanner.last_seq();
      });
  return absl::StrCat("of ", streams_.size(), " streams ", first_responses_,
                      " have begun, stream ", (*slowest)->index,
                      " is last with event ", (*slowest)->scanner.last_seq(),
                      ", all together have ", delivered_);
}

absl::Status StreamLoad::Handle(Stream& stream) {
  void* const tag = &stream;
  switch (stream.state) {
    case Stream::State::kStarting:
      stream.state = Stream::State::kAsking;
      stream.rpc->WriteLast(stream.response, grpc::WriteOptions(), tag);
      return absl::OkStatus();
    case Stream::State::kAsking:
      stream.state = Stream::State::kReading;
      stream.response.Clear();
      stream.rpc->Read(&stream.response, tag);
      return absl::OkStatus();
    case Stream::State::kReading:
      break;
  }
  if (!stream.had_first) ++first_responses_;
  stream.had_first = true;
  if (on_response_) {
    RETURN_IF_ERROR(on_response_(stream.index, stream.response));
    stream.rpc->Read(&stream.response, tag);
    return absl::OkStatus();
  }
  slices_.clear();
  if (stream.response.Valid() && !stream.response.Dump(&slices_).ok()) {
    return absl::InternalError("a response cannot be read");
  }
  const uint64_t before = stream.scanner.last_seq();
  stream.scanner.Begin();
  for (const grpc::Slice& slice : slices_) {
    RETURN_IF_ERROR(stream.scanner.Feed(slice.begin(), slice.size()));
  }
  delivered_ += stream.scanner.last_seq() - before;
  if (!stalled_) stream.rpc->Read(&stream.response, tag);
  return absl::OkStatus();
}

uint64_t StreamLoad::Slowest() const {
  uint64_t slowest = UINT64_MAX;
  for (const auto& stream : streams_) {
    slowest = std::min(slowest, stream->scanner.last_seq());
  }
  return slowest;
}

absl::StatusOr<double> StreamLoad::Run(absl::Duration time, const Allow& allow,
                                       uint64_t* produced) {
  MutexLock lock(mu_);
  const uint64_t before = *produced;
  const auto begin = std::chrono::steady_clock::now();
  const auto end = begin + absl::ToChronoNanoseconds(time);
  const uint64_t window = WindowOf(streams_.size());
  bool producing = true;
  uint64_t slowest = before;
  for (size_t responses = 0; producing || slowest < *produced; ++responses) {
    if (producing && std::chrono::steady_clock::now() >= end) producing = false;
    if (producing && slowest + window >= *produced + window / 4) {
      *produced = slowest + window;
      allow(*produced);
    }
    RETURN_IF_ERROR(Next());
    // To ask each of many streams after each response would cost too much.
    // But once all have had everything, no response comes any more.
    if (responses % streams_.size() == 0 ||
        delivered_ == *produced * streams_.size()) {
      slowest = Slowest();
    }
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  return static_cast<double>(*produced - before) *
         static_cast<double>(streams_.size()) / took.count();
}

absl::StatusOr<uint64_t> StreamLoad::RunPaced(absl::Duration time, double rate,
                                              const Allow& allow,
                                              uint64_t* produced) {
  MutexLock lock(mu_);
  const uint64_t before = delivered_;
  const uint64_t first = *produced;
  const auto period = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(1 / rate));
  const auto begin = std::chrono::system_clock::now();
  const auto end = begin + absl::ToChronoNanoseconds(time);
  for (auto tick = begin; tick < end; tick += period) {
    allow(++*produced);
    while (std::chrono::system_clock::now() < tick + period) {
      RETURN_IF_ERROR(NextUntil(tick + period).status());
    }
  }
  const uint64_t all = before + (*produced - first) * streams_.size();
  while (delivered_ < all) RETURN_IF_ERROR(Next());
  return delivered_ - before;
}

absl::Status StreamLoad::ReadFor(absl::Duration time) {
  MutexLock lock(mu_);
  const auto end =
      std::chrono::system_clock::now() + absl::ToChronoNanoseconds(time);
  while (true) {
    ASSIGN_OR_RETURN(const bool came, NextUntil(end));
    if (!came) return absl::OkStatus();
  }
}

absl::Status StreamLoad::ReadUpTo(uint64_t seq) {
  MutexLock lock(mu_);
  while (Slowest() < seq) RETURN_IF_ERROR(Next());
  return absl::OkStatus();
}

}  // namespace chatgate

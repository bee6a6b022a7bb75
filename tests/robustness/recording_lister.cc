#include "tests/robustness/recording_lister.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "tests/robustness/recording_subscriber.h"

namespace chatgate::robustness {
namespace {

// What a call ends with whose gateway was killed, or is not there yet.
bool IsLoss(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
}

}  // namespace

RecordingLister::RecordingLister(const Gateway& gateway,
                                 std::string conversation, bool descending,
                                 unsigned seed,
                                 std::function<void()> before_list)
    : gateway_(gateway),
      conversation_(std::move(conversation)),
      descending_(descending),
      before_list_(std::move(before_list)),
      random_(seed) {
  thread_ = std::thread([this] { Run(); });
}

std::vector<Listing> RecordingLister::Stop() {
  stopping_ = true;
  thread_.join();
  return std::move(got_);
}

void RecordingLister::Run() {
  while (!stopping_) {
    before_list_();
    List(1 + static_cast<int>(random_() % 8));
  }
}

void RecordingLister::List(int pages) {
  Listing listing{conversation_, descending_, {}, {}};
  v1::ListEventsRequest request;
  request.set_descending(descending_);
  if (!conversation_.empty()) {
    request.mutable_filter()->add_conversations(conversation_);
  }
  for (int page = 0; page < pages && !stopping_;) {
    request.set_page_size(1 + static_cast<int32_t>(random_() % 40));
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::ListEventsResponse response;
    const grpc::Status status =
        gateway_.NewStub()->ListEvents(&context, request, &response);
    if (IsLoss(status)) continue;
    if (!status.ok()) {
      listing.refused = status.error_message();
      break;
    }
    for (const v1::Event& event : response.events()) {
      listing.events.push_back(SeenOf(event));
    }
    if (response.next_page_token().empty()) break;
    request.set_page_token(response.next_page_token());
    ++page;
  }
  got_.push_back(std::move(listing));
}

}  // namespace chatgate::robustness

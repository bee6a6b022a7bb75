#include "server/call_sharing/call_sharing.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/backend/arguments.h"
#include "server/call_sharing/sharing_core.h"

namespace chatgate {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Typing, presence, marking as read: what may be sent twice, and nobody asks
// whether it was the first time.
bool MayBeMerged(const Method& method) {
  return method.rest.idempotent() &&
         method.descriptor->input_type()->FindFieldByName("request_id") ==
             nullptr;
}

}  // namespace

Subject SubjectOf(uint64_t app_id, const Message& request) {
  const FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName("conversation_id");
  return {app_id, field == nullptr
                      ? 0
                      : request.GetReflection()->GetUInt64(request, field)};
}

CallSharing::CallSharing(Backend& backend, const MethodTable& methods,
                         const Clock& clock, const Clock& steady,
                         const CallSharingOptions& options)
    : core_(std::make_shared<Core>(backend, methods, clock, steady, options)) {}

CallSharing::~CallSharing() = default;

void CallSharing::Call(const CallContext& context, const Message& request,
                       Message* response, Done done) {
  const Method* method = core_->methods.Find(request.GetDescriptor());
  if (method == nullptr || ValidateOnly(request)) {
    core_->backend.Call(context, request, response, std::move(done));
    return;
  }
  Sharer sharer{context, response, std::move(done)};
  if (!method->mutates()) {
    const absl::StatusOr<absl::Duration> staleness = MaxStaleness(request);
    if (!staleness.ok()) return sharer.done(staleness.status());
    core_->Read(*method, request, *staleness, std::move(sharer));
    return;
  }
  if (MayBeMerged(*method)) {
    core_->Merge(*method, request, std::move(sharer));
    return;
  }
  const Subject subject = SubjectOf(context.app_id, request);
  core_->backend.Call(context, request, response,
                      [core = core_, subject, done = std::move(sharer.done)](
                          const absl::Status& status) {
                        // Whatever came of it: it may have taken effect.
                        core->Changed(subject);
                        done(status);
                      });
}

absl::Status CallSharing::OnAppend(Transaction& transaction,
                                   const v1::Event& event) {
  absl::string_view id = event.conversation();
  Subject subject{event.app_id(), 0};
  if (absl::ConsumePrefix(&id, "dashly:") &&
      absl::SimpleAtoi(id, &subject.conversation_id)) {
    transaction.OnCommit([core = core_, subject] { core->Told(subject); });
  }
  return absl::OkStatus();
}

void CallSharing::Core::Changed(Subject subject) {
  MutexLock lock(mu);
  // A change that names no conversation may show in all of them.
  const bool everywhere = subject.conversation_id == 0;
  if (everywhere) {
    cache.DropApp(subject.app_id);
  } else {
    cache.DropConversation(subject);
    cache.DropLists(subject.app_id);
  }
  std::erase_if(reads, [&](const auto& read) {
    const Subject& other = read.second->subject;
    if (other.app_id != subject.app_id) return false;
    if (!everywhere && other.conversation_id != 0 &&
        other.conversation_id != subject.conversation_id) {
      return false;
    }
    read.second->outdated = true;
    return true;
  });
}

void CallSharing::Core::Told(Subject subject) {
  MutexLock lock(mu);
  cache.DropConversation(subject);
  std::erase_if(reads, [&](const auto& read) {
    const Subject& other = read.second->subject;
    if (other.app_id != subject.app_id ||
        other.conversation_id != subject.conversation_id) {
      return false;
    }
    read.second->outdated = true;
    return true;
  });
}

CallSharing::Core::FlightPtr CallSharing::Core::NewFlight(
    const Method& method, const Message& request, std::string key) const {
  auto flight = std::make_shared<Flight>();
  flight->key = std::move(key);
  flight->method = &method;
  flight->request.reset(request.New());
  flight->request->CopyFrom(request);
  return flight;
}

void CallSharing::Core::NoteSaved(const CallContext& context,
                                  const Method& method) const {
  if (options.on_saved) {
    options.on_saved(context.app_id, context.caller, method.name());
  }
}

void CallSharing::Core::Answer(Flight& flight,
                               const absl::Status& status) const {
  bool first = true;
  for (Sharer& sharer : flight.sharers) {
    if (sharer.context.report != nullptr) {
      *sharer.context.report = flight.report;
      if (!first) {
        sharer.context.report->cost = 0;
        sharer.context.report->served_from = "coalesced";
      }
    }
    if (!first) NoteSaved(sharer.context, *flight.method);
    if (status.ok()) sharer.response->CopyFrom(*flight.response);
    sharer.done(status);
    first = false;
  }
}

}  // namespace chatgate

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backend/arguments.h"
#include "server/call_sharing/sharing_core.h"

// Typing, presence, marking as read: of those that wait only the last is sent.
namespace chatgate {
namespace {

using google::protobuf::Message;

// What two of them must have in common: all but what is told.
std::string KeyOf(uint64_t app_id, const Method& method,
                  const Message& request) {
  const std::unique_ptr<Message> place(request.New());
  place->CopyFrom(request);
  for (const char* told : {"body", "presence"}) {
    const auto* field = place->GetDescriptor()->FindFieldByName(told);
    if (field != nullptr) {
      place->GetReflection()->ClearField(place.get(), field);
    }
  }
  return absl::StrCat(app_id, "/", method.name(), "/", ContentKey(*place));
}

}  // namespace

void CallSharing::Core::Merge(const Method& method, const Message& request,
                              Sharer sharer) {
  const std::string key = KeyOf(sharer.context.app_id, method, request);
  FlightPtr flight;
  {
    MutexLock lock(mu);
    const auto [found, first] = merged.try_emplace(key);
    FlightPtr& next = found->second.next;
    if (first || next == nullptr) {
      flight = NewFlight(method, request, key);
      flight->subject = SubjectOf(sharer.context.app_id, request);
      flight->context = sharer.context;
      flight->response.reset(sharer.response->New());
      if (!first) next = flight;
    } else {
      next->request->CopyFrom(request);
      next->context.deadline =
          std::max(next->context.deadline, sharer.context.deadline);
    }
    (flight != nullptr ? flight : next)->sharers.push_back(std::move(sharer));
    if (!first) return;
  }
  StartMerged(flight);
}

void CallSharing::Core::StartMerged(const FlightPtr& flight) {
  flight->context.report = &flight->report;
  flight->context.answer_bytes = nullptr;  // That of who began it.
  backend.Call(flight->context, *flight->request, flight->response.get(),
               [core = shared_from_this(), flight](const absl::Status& status) {
                 core->EndMerged(flight, status);
               });
}

void CallSharing::Core::EndMerged(const FlightPtr& flight,
                                  const absl::Status& status) {
  // Whatever came of it: it may have taken effect.
  Changed(flight->subject);
  FlightPtr next;
  {
    MutexLock lock(mu);
    const auto found = merged.find(flight->key);
    next = std::exchange(found->second.next, nullptr);
    if (next == nullptr) merged.erase(found);
  }
  Answer(*flight, status);
  if (next != nullptr) StartMerged(next);
}

}  // namespace chatgate

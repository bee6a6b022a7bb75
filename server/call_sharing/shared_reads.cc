#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backend/arguments.h"
#include "server/call_sharing/sharing_core.h"

// Reads: from what is known, together with who asks the same, or on their own.
namespace chatgate {
namespace {

using google::protobuf::Message;

// Ends that come of the deadline, the life or the share of who began the call.
bool IsOfOneCaller(const absl::Status& status) {
  return absl::IsDeadlineExceeded(status) || absl::IsCancelled(status) ||
         absl::IsResourceExhausted(status);
}

// Whether it may go otherwise for `sharer` than for who began the call. Whoever
// begins the next one has longer than all of the same caller, so that there is
// one for each caller at most.
bool MayDoBetter(const CallContext& sharer, const CallContext& began,
                 const absl::Status& status) {
  return sharer.deadline > began.deadline ||
         (absl::IsResourceExhausted(status) && sharer.caller != began.caller);
}

}  // namespace

void CallSharing::Core::Read(const Method& method, const Message& request,
                             absl::Duration staleness, Sharer sharer) {
  std::string key = absl::StrCat(sharer.context.app_id, "/", method.name(), "/",
                                 ContentKey(request));
  const Moment now = Now();
  AnswerCache::Answer known;
  FlightPtr flight;
  {
    MutexLock lock(mu);
    const AnswerCache::Answer* found = staleness > absl::ZeroDuration()
                                           ? cache.Find(key, staleness, now)
                                           : nullptr;
    if (found != nullptr) {
      known = *found;
    } else if (const auto under_way = reads.find(key);
               under_way != reads.end()) {
      under_way->second->sharers.push_back(std::move(sharer));
      return;
    } else {
      flight = NewFlight(method, request, key);
      flight->subject = SubjectOf(sharer.context.app_id, request);
      flight->context = sharer.context;
      flight->began = now;
      flight->response.reset(sharer.response->New());
      flight->sharers.push_back(std::move(sharer));
      reads[key] = flight;
    }
  }
  if (flight != nullptr) return StartRead(flight);
  // It is known, so nobody has taken the sharer.
  // NOLINTNEXTLINE(bugprone-use-after-move)
  if (CallReport* report = sharer.context.report; report != nullptr) {
    report->served_from = "cache";
    report->as_of = now.of_day - Elapsed(known.as_of, now);
  }
  NoteSaved(sharer.context, method);
  if (sharer.context.answer_bytes != nullptr) {
    *sharer.context.answer_bytes = std::move(known.bytes);
  } else {
    sharer.response->ParseFromString(*known.bytes);
  }
  sharer.done(absl::OkStatus());
}

void CallSharing::Core::StartRead(const FlightPtr& flight) {
  flight->context.report = &flight->report;
  flight->context.answer_bytes = nullptr;  // That of who began it.
  backend.Call(flight->context, *flight->request, flight->response.get(),
               [core = shared_from_this(), flight](const absl::Status& status) {
                 core->EndRead(flight, status);
               });
}

void CallSharing::Core::EndRead(const FlightPtr& flight,
                                const absl::Status& status) {
  FlightPtr again;
  {
    MutexLock lock(mu);
    const auto found = reads.find(flight->key);
    const bool joinable = found != reads.end() && found->second == flight;
    if (joinable) reads.erase(found);
    if (status.ok() && !flight->outdated) {
      cache.Put(flight->key, flight->subject,
                {std::make_shared<const std::string>(
                     flight->response->SerializeAsString()),
                 flight->began});
    }
    if (IsOfOneCaller(status)) {
      // Those who have longer than who began it, or a share of their own, try
      // once more.
      const auto rest = std::stable_partition(
          flight->sharers.begin(), flight->sharers.end(),
          [&](const Sharer& sharer) {
            return !MayDoBetter(sharer.context, flight->context, status);
          });
      if (rest != flight->sharers.end()) {
        again = NewFlight(*flight->method, *flight->request, flight->key);
        again->subject = flight->subject;
        again->began = Now();
        again->response.reset(flight->response->New());
        std::move(rest, flight->sharers.end(),
                  std::back_inserter(again->sharers));
        flight->sharers.erase(rest, flight->sharers.end());
        again->context =
            std::max_element(again->sharers.begin(), again->sharers.end(),
                             [](const Sharer& a, const Sharer& b) {
                               return a.context.deadline < b.context.deadline;
                             })
                ->context;
        // Where a newer one is joined, no change would find this one.
        if (!reads.emplace(again->key, again).second) again->outdated = true;
      }
    }
  }
  Answer(*flight, status);
  if (again != nullptr) StartRead(again);
}

}  // namespace chatgate

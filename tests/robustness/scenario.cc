#include "tests/robustness/scenario.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/status_macros.h"

namespace chatgate::robustness {
namespace {

// Beyond the ids of producers.
constexpr uint64_t kFarewellId = uint64_t{1} << 40;

absl::Status AwaitMore(Producers& producers, int answers) {
  if (producers.AwaitAnswered(producers.answered() + answers)) {
    return absl::OkStatus();
  }
  return absl::DeadlineExceededError("the gateway answers nobody");
}

// The most memory that a process ever held.
size_t PeakKib(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  std::string word;
  size_t kib = 0;
  while (status >> word) {
    if (word == "VmHWM:") status >> kib;
  }
  return kib;
}

}  // namespace

Scenario::Scenario(ScenarioOptions options)
    : options_(std::move(options)),
      random_(options_.seed),
      gateway_(
          "}\n} events { bytes_max: 16777216 stream_age_s_max: 60 }\n"
          "apps { id: 888 embedded {") {}

absl::StatusOr<History> Scenario::Run() {
  gateway_.SetProgram(options_.program);
  RETURN_IF_ERROR(gateway_.Start());
  {
    Producers producers(gateway_, options_.seed);
    StartSubscribers(&producers);
    StartListers(&producers);
    absl::Status status = KillForAWhile(&producers);
    if (status.ok()) status = AwaitMore(producers, 100);
    NoteMemory();
    history_.operations = producers.Stop();
    for (const auto& lister : listers_) {
      for (Listing& each : lister->Stop()) {
        history_.listings.push_back(std::move(each));
      }
    }
    gateway_.KillHard();
    gateway_.SetProgram({"chatgate"});
    status.Update(gateway_.Start());
    status.Update(ReadLog());
    for (const auto& subscriber : subscribers_) {
      subscriber->EndAt(history_.head);
    }
    status.Update(SayFarewell());
    for (const auto& subscriber : subscribers_) {
      for (Subscriber& each : subscriber->Finish()) {
        history_.subscribers.push_back(std::move(each));
      }
    }
    RETURN_IF_ERROR(status);
  }
  NoteMemory();
  // Once more, because retention went on while the last ones read.
  history_.log.clear();
  RETURN_IF_ERROR(ReadLog());
  if (const int code = gateway_.Stop(); code != 0) {
    return absl::InternalError(absl::StrCat("the gateway ended with ", code));
  }
  return std::move(history_);
}

void Scenario::StartSubscribers(Producers* producers) {
  const auto add = [this](Habits habits) {
    subscribers_.push_back(
        std::make_unique<RecordingSubscriber>(gateway_, std::move(habits)));
  };
  add({.name = "all"});
  add({.name = "conversation", .conversation = "dashly:2"});
  add({.name = "restless", .responses_max = 7});
  add({.name = "over HTTP", .over_http = true});
  add({.name = "conversation over HTTP",
       .conversation = "dashly:3",
       .over_http = true});
  add({.name = "raw and batched", .include_raw = true, .batch_delay_ms = 50});
  // Reads one response, then waits until much more has happened.
  add({.name = "slow", .before_read = [producers] {
         producers->AwaitAnswered(producers->answered() + 40);
       }});
  add({.name = "with a snapshot", .start = Start::kSnapshot, .life_max = 60});
  add({.name = "with a snapshot of one",
       .conversation = "dashly:4",
       .start = Start::kSnapshot,
       .life_max = 20});
  add({.name = "since a time", .start = Start::kTime, .life_max = 40});
}

void Scenario::StartListers(Producers* producers) {
  const auto add = [&](const std::string& conversation, bool descending) {
    listers_.push_back(std::make_unique<RecordingLister>(
        gateway_, conversation, descending,
        options_.seed + static_cast<unsigned>(listers_.size()),
        [producers] { producers->AwaitAnswered(producers->answered() + 40); }));
  };
  add("", true);
  add("dashly:5", true);
  add("", false);
  add("dashly:1", false);
}

absl::Status Scenario::KillForAWhile(Producers* producers) {
  const absl::Time end = absl::Now() + options_.time;
  while (absl::Now() < end || producers->answered() < options_.answers_min ||
         history_.kills < options_.kills_min) {
    RETURN_IF_ERROR(
        AwaitMore(*producers, 1 + static_cast<int>(random_() % 150)));
    NoteMemory();
    gateway_.KillHard();
    ++history_.kills;
    RETURN_IF_ERROR(gateway_.Start());
  }
  return absl::OkStatus();
}

absl::Status Scenario::SayFarewell() {
  for (uint64_t each = 1; each <= kConversations; ++each) {
    const HttpAnswer answer =
        gateway_.PostDashly(LeadPart(kFarewellId + each, each, "farewell"));
    if (answer.status != 200) {
      return absl::InternalError("a webhook was not answered");
    }
  }
  return absl::OkStatus();
}

void Scenario::NoteMemory() {
  history_.memory_kib_max =
      std::max(history_.memory_kib_max, PeakKib(gateway_.process().pid()));
}

absl::Status Scenario::ReadLog() {
  const auto stub = gateway_.NewStub();
  v1::ListEventsRequest request;
  request.set_page_size(50);
  while (true) {
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::ListEventsResponse page;
    const grpc::Status status = stub->ListEvents(&context, request, &page);
    if (!status.ok()) {
      return absl::InternalError("the log cannot be read: " +
                                 status.error_message());
    }
    for (const v1::Event& event : page.events()) {
      history_.log.push_back(SeenOf(event));
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (history_.log.empty()) return absl::InternalError("the log is empty");
  // Retention may have gone on between two pages.
  size_t begin = 0;
  for (size_t i = 1; i < history_.log.size(); ++i) {
    if (history_.log[i].seq != history_.log[i - 1].seq + 1) begin = i;
  }
  history_.log.erase(history_.log.begin(),
                     history_.log.begin() + static_cast<long>(begin));
  history_.tail = history_.log.front().seq;
  history_.head = history_.log.back().seq;
  return absl::OkStatus();
}

std::string Summary(const History& history) {
  size_t deliveries = 0;
  size_t streams = 0;
  size_t gaps = 0;
  int snapshots = 0;
  int timed = 0;
  for (const Subscriber& subscriber : history.subscribers) {
    streams += subscriber.streams.size();
    snapshots += subscriber.snapshot.has_value() ? 1 : 0;
    timed += subscriber.start.has_value() ? 1 : 0;
    for (const StreamOfOne& stream : subscriber.streams) {
      for (const Response& response : stream.responses) {
        deliveries += response.events.size();
        gaps += response.gap.has_value() ? 1 : 0;
      }
    }
  }
  return absl::StrCat(history.operations.size(), " operations, ", history.head,
                      " events (from ", history.tail, "), ", deliveries,
                      " deliveries in ", streams, " streams, ", gaps, " gaps, ",
                      snapshots, " snapshots, ", timed, " starts at a time, ",
                      history.listings.size(), " lists, ", history.kills,
                      " kills, ", history.memory_kib_max, " KiB");
}

}  // namespace chatgate::robustness

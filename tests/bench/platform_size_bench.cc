// platform_size_bench: the embedded platform with a million parts in a hundred
// thousand conversations. Says how long it takes to open, how long the pages of
// its lists take at the backend, near and deep, and how much memory is resident
// then. Exit code 1 where a page is wrong or a limit is crossed.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "chatgate/v1/chat_service.pb.h"
#include "chatgate/v1/records.pb.h"
#include "server/base/clock.h"
#include "server/base/status_macros.h"
#include "server/event_log/event_tables.h"
#include "server/event_log/sqlite_event_log.h"
#include "server/platform/embedded_platform.h"
#include "server/platform/schema.h"
#include "server/store/store.h"
#include "tests/support/temp_dir.h"

ABSL_FLAG(int, conversations, 100'000, "How many conversations.");
ABSL_FLAG(int, parts, 10, "Parts of each.");
ABSL_FLAG(int, calls, 200, "Calls of each kind that are timed.");
ABSL_FLAG(bool, json, false, "One JSON object a line instead of a table.");

namespace chatgate {
namespace {

constexpr uint64_t kApp = 777;
constexpr uint64_t kFirstId = 1'000'000;
constexpr int kBatch = 1000;
constexpr absl::Duration kPageMax = absl::Milliseconds(2);
constexpr absl::Duration kOpenMax = absl::Seconds(1);
constexpr int64_t kResidentKibMax = 300 * 1024;
// Of two medians of one kind of page, where machines are noisy.
constexpr double kDeepMax = 3.0;

// The platform on its own store, opened anew for what is measured.
class Platform {
 public:
  static absl::StatusOr<std::unique_ptr<Platform>> Open(
      const std::string& path) {
    auto platform = std::make_unique<Platform>();
    StoreOptions options;
    options.path = path;
    ASSIGN_OR_RETURN(
        platform->store_,
        Store::Open(options, {EventLogSchema(), PlatformSchema()}));
    ASSIGN_OR_RETURN(platform->log_, SqliteEventLog::Open(*platform->store_,
                                                          Clock::System(), {}));
    v1::AppConfig app;
    app.set_id(kApp);
    app.mutable_embedded()->add_admins()->set_id(111);
    app.mutable_embedded()->add_channels()->set_id(5);
    platform->platform_ = std::make_unique<EmbeddedPlatform>(
        *platform->store_, *platform->log_, Clock::System(),
        std::vector<v1::AppConfig>{app});
    return platform;
  }
  ~Platform() {
    log_.reset();
    platform_.reset();
    store_.reset();
  }

  absl::Status Call(const google::protobuf::Message& request,
                    google::protobuf::Message* response) {
    CallContext context;
    context.app_id = kApp;
    std::promise<absl::Status> answered;
    platform_->Call(context, request, response,
                    [&answered](absl::Status status) {
                      answered.set_value(std::move(status));
                    });
    return answered.get_future().get();
  }

 private:
  std::unique_ptr<Store> store_;
  std::unique_ptr<EmbeddedPlatform> platform_;
  std::unique_ptr<SqliteEventLog> log_;
};

// What is imported: a lead, a conversation and its parts for each number.
class Filler {
 public:
  explicit Filler(Platform& platform) : platform_(platform) {}

  absl::Status Fill(int conversations, int parts) {
    for (int i = 0; i < conversations; ++i) RETURN_IF_ERROR(AddUser(i));
    for (int i = 0; i < conversations; ++i) RETURN_IF_ERROR(AddTalk(i, parts));
    for (int round = 0; round < parts; ++round) {
      for (int i = 0; i < conversations; ++i) {
        RETURN_IF_ERROR(AddPart(i, round, parts));
      }
    }
    return Send();
  }

 private:
  absl::Status AddUser(int number) {
    v1::UserRecord& user = *request_.add_records()->mutable_user();
    user.set_id(kFirstId + number);
    user.mutable_create_time()->set_seconds(1'600'000'000 + number);
    user.mutable_last_seen_time()->set_seconds(1'600'000'000 + number);
    user.set_lead(true);
    (*user.mutable_props())["$name"].set_string_value(
        absl::StrCat("lead ", number));
    return SendIfFull();
  }

  absl::Status AddTalk(int number, int parts) {
    v1::ConversationRecord& record =
        *request_.add_records()->mutable_conversation();
    v1::Conversation& conversation = *record.mutable_conversation();
    conversation.set_id(kFirstId + number);
    conversation.set_created(1'600'000'000 + number);
    conversation.set_type("popup_chat");
    conversation.set_parts_count(parts);
    conversation.set_closed(number % 3 == 0);
    if (number % 2 == 0) conversation.mutable_assignee()->set_id(111);
    if (number % 1000 == 0) conversation.add_tags("rare");
    if (number % 5 == 0) conversation.mutable_channel()->set_id(5);
    record.set_user_id(kFirstId + number);
    record.mutable_last_update_time()->set_seconds(1'600'000'000 + number);
    record.set_listed(true);
    return SendIfFull();
  }

  absl::Status AddPart(int number, int round, int parts) {
    v1::PartRecord& record = *request_.add_records()->mutable_part();
    v1::ConversationPart& part = *record.mutable_part();
    part.set_id(kFirstId + uint64_t{100'000'000} +
                static_cast<uint64_t>(number) * parts + round);
    part.set_conversation(kFirstId + number);
    part.set_created(1'600'000'000 + number);
    part.set_type("reply_user");
    part.set_direction("u2a");
    part.set_body(absl::StrCat("part ", round, " of conversation ", number,
                               ": where is my order, please?"));
    part.mutable_sender()->set_user_id(kFirstId + number);
    record.set_last(round + 1 == parts);
    record.set_last_reply(round + 1 == parts);
    return SendIfFull();
  }

  absl::Status SendIfFull() {
    return request_.records_size() < kBatch ? absl::OkStatus() : Send();
  }

  absl::Status Send() {
    v1::ImportRecordsResponse response;
    RETURN_IF_ERROR(platform_.Call(request_, &response));
    if (response.imported() != request_.records_size()) {
      return absl::DataLossError("a record was there already");
    }
    request_.Clear();
    return absl::OkStatus();
  }

  Platform& platform_;
  v1::ImportRecordsRequest request_;
};

int64_t ResidentKib() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    int64_t kib = 0;
    if (absl::StartsWith(line, "VmRSS:") &&
        absl::SimpleAtoi(
            absl::StripSuffix(absl::string_view(line).substr(6), " kB"),
            &kib)) {
      return kib;
    }
  }
  return -1;
}

// The figures, and whether one crosses its limit.
class Report {
 public:
  void Add(const std::string& name, double value, const char* unit,
           double limit) {
    const bool good = value <= limit;
    failed_ = failed_ || !good;
    if (absl::GetFlag(FLAGS_json)) {
      absl::PrintF(
          "{\"name\": \"%s\", \"value\": %.3f, \"unit\": \"%s\", \"limit\":"
          " %.3f}\n",
          name, value, unit, limit);
    } else {
      absl::PrintF("%-44s %10.3f %-5s at most %8.1f%s\n", name, value, unit,
                   limit, good ? "" : "  CROSSED");
    }
    std::fflush(stdout);
  }
  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
};

class Pages {
 public:
  Pages(Platform& platform, Report& report)
      : platform_(platform), report_(report) {}

  // Times the first page, and one `deep` pages on. `size_min`: what a page must
  // hold. Returns the first page's median.
  template <typename Response, typename Request>
  absl::Status Time(const std::string& name, Request request, int deep,
                    int size_min) {
    request.set_page_size(50);
    ASSIGN_OR_RETURN(const double near,
                     (Median<Response, Request>(request, size_min)));
    report_.Add(absl::StrCat("page/", name), near, "ms",
                absl::ToDoubleMilliseconds(kPageMax));
    if (deep == 0) return absl::OkStatus();
    for (int i = 0; i < deep; ++i) {
      Response response;
      RETURN_IF_ERROR(platform_.Call(request, &response));
      if (response.next_page_token().empty()) {
        return absl::DataLossError(absl::StrCat(name, " ends too early"));
      }
      request.set_page_token(response.next_page_token());
    }
    ASSIGN_OR_RETURN(const double far,
                     (Median<Response, Request>(request, size_min)));
    report_.Add(absl::StrCat("page/", name, "/", deep, "-deep"), far, "ms",
                absl::ToDoubleMilliseconds(kPageMax));
    report_.Add(absl::StrCat("page/", name, "/deep-to-first"),
                far / std::max(near, 1e-6), "x", kDeepMax);
    return absl::OkStatus();
  }

 private:
  static int Size(const v1::ListConversationsResponse& page) {
    return page.conversations_size();
  }
  static int Size(const v1::ListConversationPartsResponse& page) {
    return page.parts_size();
  }

  template <typename Response, typename Request>
  absl::StatusOr<double> Median(const Request& request, int size_min) {
    std::vector<double> times;
    for (int i = 0; i < absl::GetFlag(FLAGS_calls); ++i) {
      Response response;
      const absl::Time start = absl::Now();
      RETURN_IF_ERROR(platform_.Call(request, &response));
      times.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
      if (Size(response) < size_min) {
        return absl::DataLossError("a page holds too little");
      }
    }
    std::nth_element(times.begin(), times.begin() + times.size() / 2,
                     times.end());
    return times[times.size() / 2];
  }

  Platform& platform_;
  Report& report_;
};

absl::Status TimePages(Platform& platform, Report& report, int conversations,
                       int parts) {
  using List = v1::ListConversationsRequest;
  using Listed = v1::ListConversationsResponse;
  Pages pages(platform, report);
  // All but the last few pages.
  const int deep = conversations / 50 - 4;
  List all;
  all.set_include_not_assigned(true);
  RETURN_IF_ERROR(pages.Time<Listed>("conversations", all, deep, 50));
  List open = all;
  open.set_closed(false);
  RETURN_IF_ERROR(pages.Time<Listed>("conversations/open", open, deep / 2, 50));
  List held;
  held.set_assigned(111);
  RETURN_IF_ERROR(
      pages.Time<Listed>("conversations/assigned", held, deep / 3, 50));
  List tagged = all;
  tagged.add_tags("rare");
  const int rare = conversations / 1000;
  RETURN_IF_ERROR(pages.Time<Listed>("conversations/rare-tag", tagged,
                                     rare > 50 ? 1 : 0, std::min(50, rare)));
  v1::ListConversationPartsRequest parts_of_one;
  parts_of_one.set_conversation_id(kFirstId + conversations / 2);
  return pages.Time<v1::ListConversationPartsResponse>("parts", parts_of_one, 0,
                                                       std::min(50, parts));
}

absl::Status Run(Report& report) {
  const int conversations = absl::GetFlag(FLAGS_conversations);
  const int parts = absl::GetFlag(FLAGS_parts);
  if (conversations < 500 || parts < 1) {
    return absl::InvalidArgumentError(
        "at least 500 conversations of one part, or no page is deep");
  }
  TempDir folder;
  const std::string path = folder.File("chatgate.db");
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform,
                     Platform::Open(path));
    RETURN_IF_ERROR(Filler(*platform).Fill(conversations, parts));
  }
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(const std::unique_ptr<Platform> platform,
                   Platform::Open(path));
  report.Add("open", absl::ToDoubleSeconds(absl::Now() - start), "s",
             absl::ToDoubleSeconds(kOpenMax));
  RETURN_IF_ERROR(TimePages(*platform, report, conversations, parts));
  report.Add("resident", static_cast<double>(ResidentKib()) / 1024, "MiB",
             static_cast<double>(kResidentKibMax) / 1024);
  return absl::OkStatus();
}

}  // namespace
}  // namespace chatgate

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  chatgate::Report report;
  const absl::Status status = chatgate::Run(report);
  if (!status.ok()) {
    absl::FPrintF(stderr, "platform_size_bench: %s\n", status.ToString());
    return 1;
  }
  return report.failed() ? 1 : 0;
}

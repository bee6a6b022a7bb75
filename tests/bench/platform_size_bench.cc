// platform_size_bench: the embedded platform with a million parts in a hundred
// thousand conversations. Says how long it takes to open, how long the pages of
// its lists take at the backend, near and deep, and how much memory is resident
// then, each beside its limit. Exit code 1 where a page is wrong or a limit is
// crossed.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "chatgate/v1/chat_service.pb.h"
#include "server/base/status_macros.h"
#include "tests/bench/bench_options.h"
#include "tests/bench/comparison.h"
#include "tests/bench/large_platform.h"
#include "tests/bench/process_usage.h"
#include "tests/support/temp_dir.h"

ABSL_FLAG(int, conversations, 100'000, "How many conversations.");
ABSL_FLAG(int, parts, 10, "Parts of each.");
ABSL_FLAG(int, calls, 200, "Calls of each kind that are timed in a round.");
ABSL_FLAG(bool, enforce_limits, true,
          "End with exit code 1 where a limit is crossed.");

namespace chatgate {
namespace {

constexpr double kPageMsMax = 2;
constexpr double kOpenSecondsMax = 1;
constexpr double kResidentMibMax = 300;
// Of two medians of one kind of page, where machines are noisy.
constexpr double kDeepMax = 3;

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2,
                   values.end());
  return values[values.size() / 2];
}

// The figures, and whether one crosses its limit.
class Report {
 public:
  explicit Report(Comparison& comparison) : comparison_(comparison) {}

  // `values`: one for each round.
  void Add(const std::string& name, const std::string& unit,
           const std::vector<double>& values, double limit) {
    comparison_.Record(absl::StrCat("platform/", name), unit, "limit", values,
                       std::vector<double>(values.size(), limit));
    if (Median(values) <= limit) return;
    crossed_ = true;
    absl::FPrintF(stderr, "platform_size_bench: platform/%s is %.3f %s\n", name,
                  Median(values), unit);
  }
  bool crossed() const { return crossed_; }

 private:
  Comparison& comparison_;
  bool crossed_ = false;
};

class Pages {
 public:
  Pages(LargePlatform& platform, int rounds, Report& report)
      : platform_(platform), rounds_(rounds), report_(report) {}

  // Times the first page, and one `deep` pages on. `size_min`: what a page must
  // hold.
  template <typename Response, typename Request>
  absl::Status Time(const std::string& name, Request request, int deep,
                    int size_min) {
    request.set_page_size(50);
    Request far = request;
    for (int i = 0; i < deep; ++i) {
      Response response;
      RETURN_IF_ERROR(platform_.Call(far, &response));
      if (response.next_page_token().empty()) {
        return absl::DataLossError(absl::StrCat(name, " ends too early"));
      }
      far.set_page_token(response.next_page_token());
    }
    std::vector<double> near_ms;
    std::vector<double> far_ms;
    std::vector<double> ratios;
    for (int round = 0; round < rounds_; ++round) {
      ASSIGN_OR_RETURN(near_ms.emplace_back(),
                       (MedianMs<Response, Request>(request, size_min)));
      if (deep == 0) continue;
      ASSIGN_OR_RETURN(far_ms.emplace_back(),
                       (MedianMs<Response, Request>(far, size_min)));
      ratios.push_back(far_ms.back() / std::max(near_ms.back(), 1e-6));
    }
    report_.Add(absl::StrCat("page/", name), "ms", near_ms, kPageMsMax);
    if (deep == 0) return absl::OkStatus();
    report_.Add(absl::StrCat("page/", name, "/", deep, "-deep"), "ms", far_ms,
                kPageMsMax);
    report_.Add(absl::StrCat("page/", name, "/deep-to-first"), "x", ratios,
                kDeepMax);
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
  absl::StatusOr<double> MedianMs(const Request& request, int size_min) {
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
    return Median(std::move(times));
  }

  LargePlatform& platform_;
  const int rounds_;
  Report& report_;
};

absl::Status TimePages(LargePlatform& platform, int rounds, Report& report) {
  using List = v1::ListConversationsRequest;
  using Listed = v1::ListConversationsResponse;
  const int conversations = absl::GetFlag(FLAGS_conversations);
  Pages pages(platform, rounds, report);
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
  parts_of_one.set_conversation_id(LargePlatform::kFirstId + conversations / 2);
  return pages.Time<v1::ListConversationPartsResponse>(
      "parts", parts_of_one, 0, std::min(50, absl::GetFlag(FLAGS_parts)));
}

absl::Status Run(int rounds, Report& report) {
  const TempDir folder;
  const std::string path = folder.File("chatgate.db");
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<LargePlatform> platform,
                     LargePlatform::Open(path));
    RETURN_IF_ERROR(platform->Fill(absl::GetFlag(FLAGS_conversations),
                                   absl::GetFlag(FLAGS_parts)));
  }
  std::unique_ptr<LargePlatform> platform;
  std::vector<double> seconds;
  for (int round = 0; round < rounds; ++round) {
    platform.reset();
    const absl::Time start = absl::Now();
    ASSIGN_OR_RETURN(platform, LargePlatform::Open(path));
    seconds.push_back(absl::ToDoubleSeconds(absl::Now() - start));
  }
  report.Add("open", "s", seconds, kOpenSecondsMax);
  RETURN_IF_ERROR(TimePages(*platform, rounds, report));
  report.Add("resident", "MiB",
             {static_cast<double>(ResidentBytes(0)) / (1 << 20)},
             kResidentMibMax);
  return absl::OkStatus();
}

}  // namespace
}  // namespace chatgate

int main(int argc, char** argv) {
  const chatgate::BenchOptions options = chatgate::ReadBenchOptions(
      argc, argv, "The embedded platform with a million parts.");
  if (absl::GetFlag(FLAGS_conversations) < 500 ||
      absl::GetFlag(FLAGS_parts) < 1) {
    absl::FPrintF(stderr,
                  "at least 500 conversations of one part, or no page "
                  "is deep\n");
    return 2;
  }
  chatgate::Comparison comparison(options);
  comparison.PrintHead();
  if (!comparison.Wants("platform", absl::GetFlag(FLAGS_conversations))) {
    return 0;
  }
  chatgate::Report report(comparison);
  const absl::Status status = chatgate::Run(options.rounds, report);
  if (!status.ok()) {
    absl::FPrintF(stderr, "platform_size_bench: %s\n", status.ToString());
    return 1;
  }
  return report.crossed() && absl::GetFlag(FLAGS_enforce_limits) ? 1 : 0;
}

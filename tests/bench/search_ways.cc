#include "tests/bench/search_ways.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/status_macros.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

constexpr int kFirst = 200;  // Messages that count as the first ones.

double ResidentMb() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

// Processor time, which other programs' work does not lengthen.
double NowUs() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 +
         static_cast<double>(now.tv_nsec) / 1e3;
}

absl::StatusOr<SearchCost> Measure(MatchWay way, const Corpus& corpus,
                                   absl::Duration time) {
  SearchCost cost;
  const double before = ResidentMb();
  ASSIGN_OR_RETURN(const std::unique_ptr<TextMatcher> matcher,
                   NewTextMatcher(way, corpus.expressions));
  const double begin = NowUs();
  for (int i = 0; i < kFirst; ++i) {
    cost.found +=
        static_cast<int64_t>(matcher->Match(corpus.messages[i]).size());
  }
  cost.first_us = (NowUs() - begin) / kFirst;
  const double steady = NowUs();
  size_t done = 0;
  while (
      kFirst + done < corpus.messages.size() &&
      (done % 16 != 0 || NowUs() - steady < absl::ToDoubleMicroseconds(time))) {
    matcher->Match(corpus.messages[kFirst + done++]);
  }
  cost.steady_us = (NowUs() - steady) / static_cast<double>(done);
  cost.resident_mb = ResidentMb() - before;
  return cost;
}

constexpr char kProgram[] = R"py(
import re, resource, sys, time
rules = open(sys.argv[1], encoding='utf-8').read().split('\n')
texts = open(sys.argv[2], encoding='utf-8').read().split('\n')
first, seconds = int(sys.argv[3]), float(sys.argv[4])
exps = []
for rule in rules:
    kind, text = rule[0], rule[1:]
    exps.append(re.compile(r'(#\s|)(' + re.escape(text.upper()) + ')') if kind == 'p'
                else re.compile(text, re.I))
found = 0
begin = time.process_time()
for text in texts[:first]:
    upper = text.upper()
    for exp in exps:
        if exp.search(upper): found += 1
first_us = (time.process_time() - begin) / first * 1e6
begin, done = time.process_time(), 0
for text in texts[first:]:
    upper = text.upper()
    for exp in exps: exp.search(upper)
    done += 1
    if time.process_time() - begin > seconds: break
steady_us = (time.process_time() - begin) / done * 1e6
print(first_us, steady_us, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, found)
)py";

}  // namespace

Corpus MakeCorpus(int rules, int messages, bool patterns) {
  std::mt19937 random(42);
  const std::string cyrillic[] = {"а", "е", "и", "к", "л", "м", "н", "о",
                                  "п", "р", "с", "т", "ж", "Ш", "Ю", "Я"};
  std::vector<std::string> words;
  for (int i = 0; i < 3'000; ++i) {
    std::string word;
    for (int c = 0, n = 3 + random() % 6; c < n; ++c) {
      word += i % 3 == 0 ? cyrillic[random() % 16]
                         : std::string(1, "etaoinshrdluCMFP"[random() % 16]);
    }
    words.push_back(word);
  }
  const auto sentence = [&](size_t bytes) {
    std::string text = words[random() % words.size()];
    while (text.size() < bytes) {
      absl::StrAppend(&text, " ", words[random() % words.size()]);
    }
    return text;
  };
  Corpus corpus;
  for (int i = 0; i < rules; ++i) {
    if (patterns && i % 2 == 1) {
      corpus.expressions.push_back(
          {absl::StrCat("\\b", sentence(8), ".{0,20}", sentence(4)), false});
    } else {
      corpus.expressions.push_back({sentence(14), true});
    }
  }
  for (int i = 0; i < messages; ++i) {
    const Expression& rule = corpus.expressions[random() % rules];
    const std::string text =
        i % 10 == 0 && rule.is_phrase
            ? absl::StrCat(sentence(30), " ", rule.text, " ", sentence(30))
            : sentence(80);
    corpus.messages.push_back(text);
  }
  return corpus;
}

absl::StatusOr<SearchCost> MeasureSearch(MatchWay way, const Corpus& corpus,
                                         absl::Duration time) {
  int ends[2];
  if (pipe(ends) != 0) return absl::InternalError("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    const absl::StatusOr<SearchCost> cost = Measure(way, corpus, time);
    const bool ok = cost.ok() && write(ends[1], &*cost, sizeof(*cost)) ==
                                     static_cast<ssize_t>(sizeof(*cost));
    _exit(ok ? 0 : 1);
  }
  close(ends[1]);
  SearchCost cost;
  const bool whole = read(ends[0], &cost, sizeof(cost)) == sizeof(cost);
  close(ends[0]);
  waitpid(child, nullptr, 0);
  if (whole) return cost;
  return absl::InternalError("a way of searching came to no end");
}

absl::StatusOr<SearchCost> MeasurePythonLoop(const Corpus& corpus,
                                             absl::Duration time) {
  TempDir directory;
  const auto join = [](const auto& list, const auto& text_of) {
    std::vector<std::string> lines;
    for (const auto& item : list) lines.push_back(text_of(item));
    return absl::StrJoin(lines, "\n");
  };
  const std::string rules = directory.Write(
      "rules", join(corpus.expressions, [](const Expression& expression) {
        return (expression.is_phrase ? "p" : "r") + expression.text;
      }));
  const std::string texts = directory.Write(
      "texts",
      join(corpus.messages, [](const std::string& text) { return text; }));
  const std::string program = directory.Write("seed.py", kProgram);
  FILE* output =
      popen(absl::StrCat("python3 ", program, " ", rules, " ", texts, " ",
                         kFirst, " ", absl::ToDoubleSeconds(time))
                .c_str(),
            "r");
  SearchCost cost;
  long long found = -1;
  const bool whole = output != nullptr &&
                     fscanf(output, "%lf %lf %lf %lld", &cost.first_us,
                            &cost.steady_us, &cost.resident_mb, &found) == 4;
  if (output != nullptr) pclose(output);
  if (!whole) return absl::NotFoundError("there is no python3");
  cost.found = found;
  return cost;
}

}  // namespace chatgate

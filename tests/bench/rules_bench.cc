// rules_bench: what it costs to search a message for the rules of the
// responder, beside one RE2 after another and the first bot's loop in Python,
// on the same rules and messages. No message is ever seen twice. Exit code 1
// where two of them do not answer alike.
#include <re2/re2.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/responder/text_matcher.h"
#include "tests/support/temp_dir.h"

ABSL_FLAG(bool, json, false, "One JSON object a line instead of a table.");
ABSL_FLAG(int, messages, 20'000, "Messages at most, a way.");
ABSL_FLAG(double, seconds, 1.0, "How long a way is measured at most.");

namespace chatgate {
namespace {

constexpr int kFirst = 200;  // Messages that count as the first ones.

struct Corpus {
  std::vector<Expression> expressions;
  std::vector<std::string> messages;
};

// Sentences of some 80 bytes from 3,000 made-up words, a third of them
// Cyrillic; each tenth message holds a phrase.
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

// What one way has reached. Travels through a pipe.
struct Result {
  double first_us = 0;   // A message, over the first ones.
  double steady_us = 0;  // A message, over the others.
  double resident_mb = 0;
  int64_t found = 0;  // In the first messages: the same for every way.
};

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

using Way = std::function<std::vector<int>(absl::string_view)>;

Result Measure(const Corpus& corpus, const std::function<Way()>& make) {
  Result result;
  const double before = ResidentMb();
  const Way way = make();
  const double begin = NowUs();
  for (int i = 0; i < kFirst; ++i) {
    result.found += static_cast<int64_t>(way(corpus.messages[i]).size());
  }
  result.first_us = (NowUs() - begin) / kFirst;
  const double steady = NowUs();
  size_t done = 0;
  while (kFirst + done < corpus.messages.size() &&
         (done % 16 != 0 ||
          NowUs() - steady < absl::GetFlag(FLAGS_seconds) * 1e6)) {
    way(corpus.messages[kFirst + done++]);
  }
  result.steady_us = (NowUs() - steady) / static_cast<double>(done);
  result.resident_mb = ResidentMb() - before;
  return result;
}

// In a process of its own, so that memory is its alone.
Result MeasureApart(const Corpus& corpus, const std::function<Way()>& make) {
  int ends[2];
  Result result;
  if (pipe(ends) != 0) return result;
  const pid_t child = fork();
  if (child == 0) {
    result = Measure(corpus, make);
    const bool ok = write(ends[1], &result, sizeof(result)) == sizeof(result);
    _exit(ok ? 0 : 1);
  }
  close(ends[1]);
  if (read(ends[0], &result, sizeof(result)) != sizeof(result)) {
    result.found = -1;
  }
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return result;
}

// The first bot's loop: every question on every message, upper case both. Its
// expressions are compiled once, which it did not do.
Result MeasurePython(const Corpus& corpus) {
  static constexpr char kProgram[] = R"py(
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
  Result result;
  result.found = -1;
  FILE* output =
      popen(absl::StrCat("python3 ", program, " ", rules, " ", texts, " ",
                         kFirst, " ", absl::GetFlag(FLAGS_seconds))
                .c_str(),
            "r");
  if (output == nullptr) return result;
  long long found = -1;
  if (fscanf(output, "%lf %lf %lf %lld", &result.first_us, &result.steady_us,
             &result.resident_mb, &found) == 4) {
    result.found = found;
  }
  pclose(output);
  return result;
}

std::function<Way()> Matcher(MatchWay way, const Corpus& corpus) {
  return [way, &corpus]() -> Way {
    auto made = NewTextMatcher(way, corpus.expressions);
    if (!made.ok()) return [](absl::string_view) { return std::vector<int>(); };
    std::shared_ptr<TextMatcher> matcher = *std::move(made);
    return [matcher](absl::string_view text) { return matcher->Match(text); };
  };
}

void Print(const std::string& row, const char* way, const Result& result,
           double ratio) {
  if (absl::GetFlag(FLAGS_json)) {
    absl::PrintF(
        "{\"name\": \"%s\", \"way\": \"%s\", \"unit\": \"us/message\", "
        "\"value\": %.3f, \"first\": %.3f, \"resident_mb\": %.1f, "
        "\"ratio\": %.4f}\n",
        row, way, result.steady_us, result.first_us, result.resident_mb, ratio);
  } else {
    absl::PrintF("%-22s %-12s %10.2f %10.2f %10.1f %10.4f\n", row, way,
                 result.steady_us, result.first_us, result.resident_mb, ratio);
  }
  std::fflush(stdout);
}

// False where two ways differ.
bool RunRow(int rules, bool patterns) {
  const std::string row =
      absl::StrCat(patterns ? "rules-patterns/" : "rules/", rules);
  const Corpus corpus =
      MakeCorpus(rules, absl::GetFlag(FLAGS_messages), patterns);
  const Result one_by_one =
      MeasureApart(corpus, Matcher(MatchWay::kOneByOne, corpus));
  bool ok = one_by_one.found >= 0;
  const auto check = [&](const char* way, const Result& result) {
    Print(row, way, result, result.steady_us / one_by_one.steady_us);
    if (result.found == one_by_one.found) return;
    absl::FPrintF(stderr, "%s: %s found %d, one-by-one %d\n", row, way,
                  result.found, one_by_one.found);
    ok = false;
  };
  check("chatgate",
        MeasureApart(corpus, Matcher(MatchWay::kAutomatic, corpus)));
  check("filtered", MeasureApart(corpus, Matcher(MatchWay::kFiltered, corpus)));
  if (rules <= 100) {
    check("re2-set", MeasureApart(corpus, Matcher(MatchWay::kSet, corpus)));
  }
  check("one-by-one", one_by_one);
  const Result python = MeasurePython(corpus);
  if (python.found < 0) {
    absl::FPrintF(stderr, "SKIPPED %s python: there is no python3\n", row);
  } else if (patterns) {
    // Its \b knows Cyrillic letters, RE2's does not: what is found may differ.
    Print(row, "python", python, python.steady_us / one_by_one.steady_us);
  } else {
    check("python", python);
  }
  return ok;
}

int Run() {
  if (!absl::GetFlag(FLAGS_json)) {
    absl::PrintF("%-22s %-12s %10s %10s %10s %10s\n", "row", "way",
                 "us/message", "first", "MiB", "of 1-by-1");
  }
  bool ok = true;
  for (const bool patterns : {false, true}) {
    for (const int rules : {10, 100, 1'000, 10'000}) {
      ok = RunRow(rules, patterns) && ok;
    }
  }
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace chatgate

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return chatgate::Run();
}

#include "client/flags.h"

#include <cstdlib>
#include <utility>

#include "absl/flags/reflection.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/file.h"
#include "server/base/status_macros.h"

namespace chatgate {
namespace {

using Names = std::set<std::string>;

absl::Status SetFlag(absl::string_view name, absl::string_view value,
                     absl::CommandLineFlag& flag, Names& given) {
  const bool is_first = given.emplace(name).second;
  std::string whole(value);
  if (!is_first && flag.IsOfType<std::vector<std::string>>()) {
    whole = absl::StrCat(flag.CurrentValue(), ",", value);
  }
  std::string error;
  if (flag.ParseFrom(whole, &error)) return absl::OkStatus();
  if (flag.IsOfType<absl::Duration>()) {
    error = "a duration has a unit, such as 10s, 500ms or 2m";
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--", name, " cannot be \"", value, "\"",
                   error.empty() ? "" : ": ", error));
}

// Sets the flag of argv[index]; returns how many arguments that took.
absl::StatusOr<int> ReadFlag(int argc, const char* const* argv, int index,
                             Names& given) {
  const absl::string_view text = absl::StripPrefix(argv[index], "--");
  const size_t equals = text.find('=');
  const absl::string_view name = text.substr(0, equals);
  absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
  if (flag != nullptr && equals != absl::string_view::npos) {
    RETURN_IF_ERROR(SetFlag(name, text.substr(equals + 1), *flag, given));
    return 1;
  }
  if (flag != nullptr && flag->IsOfType<bool>()) {
    RETURN_IF_ERROR(SetFlag(name, "true", *flag, given));
    return 1;
  }
  if (flag != nullptr) {
    if (index + 1 >= argc) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", name, " needs a value"));
    }
    RETURN_IF_ERROR(SetFlag(name, argv[index + 1], *flag, given));
    return 2;
  }
  absl::string_view positive = name;
  if (equals == absl::string_view::npos &&
      absl::ConsumePrefix(&positive, "no")) {
    flag = absl::FindCommandLineFlag(positive);
    if (flag != nullptr && flag->IsOfType<bool>()) {
      RETURN_IF_ERROR(SetFlag(positive, "false", *flag, given));
      return 1;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("there is no flag --", name, "; --help lists them"));
}

}  // namespace

absl::StatusOr<CommandLine> ParseFlags(int argc, const char* const* argv) {
  CommandLine line;
  bool flags_may_come = true;
  for (int index = 1; index < argc;) {
    const absl::string_view argument = argv[index];
    if (flags_may_come && argument == "--") {
      flags_may_come = false;
      ++index;
    } else if (flags_may_come && absl::StartsWith(argument, "--")) {
      ASSIGN_OR_RETURN(const int taken,
                       ReadFlag(argc, argv, index, line.flags));
      index += taken;
    } else {
      line.arguments.emplace_back(argument);
      ++index;
    }
  }
  return line;
}

absl::StatusOr<ClientOptions> OptionsFromFlags(const std::string& server,
                                               const std::string& token_file,
                                               const std::string& tls_ca) {
  if (server.empty()) {
    return absl::InvalidArgumentError(
        "--server HOST:PORT is missing, such as --server 127.0.0.1:50051");
  }
  ClientOptions options;
  options.server = server;
  if (!token_file.empty()) {
    ASSIGN_OR_RETURN(options.token, ReadFile(token_file));
  } else if (const char* token = std::getenv("CHATGATE_TOKEN")) {
    options.token = token;
  }
  absl::StripAsciiWhitespace(&options.token);
  for (const char c : options.token) {
    // gRPC ends the whole program over a metadata value with other bytes.
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError(
          "the token holds a byte that no token has; is its file the right "
          "one?");
    }
  }
  if (!tls_ca.empty()) {
    ASSIGN_OR_RETURN(options.tls_roots, ReadFile(tls_ca));
  }
  return options;
}

}  // namespace chatgate

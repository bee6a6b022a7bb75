#include "server/command_line.h"

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace chatgate {

std::string CommandLineError(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (!absl::ConsumePrefix(&argument, "-")) {
      return absl::StrCat("unexpected argument `", argument, "`");
    }
    absl::ConsumePrefix(&argument, "-");
    const size_t equals = argument.find('=');
    const absl::CommandLineFlag* flag =
        absl::FindCommandLineFlag(argument.substr(0, equals));
    if (flag == nullptr) return absl::StrCat("unknown flag `", argv[i], "`");
    if (equals == absl::string_view::npos && flag->IsOfType<std::string>() &&
        ++i == argc) {
      return absl::StrCat("the flag --", argument, " needs a value");
    }
  }
  return "";
}

std::string HelpIfAsked(int argc, char** argv, absl::string_view about,
                        const std::vector<absl::string_view>& flags) {
  const absl::string_view first = argc > 1 ? argv[1] : "";
  if (first != "--help" && first != "-help" && first != "-h") return "";
  std::string help = absl::StrCat(about, "\n");
  for (const absl::string_view name : flags) {
    const absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
    absl::StrAppend(&help, "\n  --", name, "\n      ", flag->Help());
    if (const std::string value = flag->DefaultValue(); !value.empty()) {
      absl::StrAppend(&help, " Default `", value, "`.");
    }
  }
  return absl::StrCat(help, "\n");
}

}  // namespace chatgate

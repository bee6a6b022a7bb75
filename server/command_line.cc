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

}  // namespace chatgate

#ifndef CHATGATE_SERVER_COMMAND_LINE_H_
#define CHATGATE_SERVER_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace chatgate {

// What is wrong with the command line, or nothing: an unknown flag, a flag
// without its value, an argument that is no flag. Abseil ends the program by
// itself on a wrong flag, with an exit code that means something else here; so
// this looks first.
std::string CommandLineError(int argc, char** argv);

// What `--help`, `-help` or `-h` as the first argument is answered with: what
// the program is, and what each of `flags` does. Nothing where it is not asked.
std::string HelpIfAsked(int argc, char** argv, absl::string_view about,
                        const std::vector<absl::string_view>& flags);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_COMMAND_LINE_H_

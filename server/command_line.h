#ifndef CHATGATE_SERVER_COMMAND_LINE_H_
#define CHATGATE_SERVER_COMMAND_LINE_H_

#include <string>

namespace chatgate {

// What is wrong with the command line, or nothing: an unknown flag, a flag
// without its value, an argument that is no flag. Abseil ends the program by
// itself on a wrong flag, with an exit code that means something else here; so
// this looks first.
std::string CommandLineError(int argc, char** argv);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_COMMAND_LINE_H_

#ifndef CHATGATE_SERVER_STORE_PRIVATE_DIR_H_
#define CHATGATE_SERVER_STORE_PRIVATE_DIR_H_

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"

namespace chatgate {

// Takes from everybody but its owner the right to look into the folder `path`,
// and says so in the log. Nothing happens where nobody else has it.
//
// Only a folder of `user`'s that is empty or holds a gateway's files is
// changed: a slip such as `/var/lib` must not shut a machine's other programs
// out. FAILED_PRECONDITION: it is open to others and stays so; the message says
// why and what to do.
absl::Status MakePrivate(const std::string& path, uid_t user);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_STORE_PRIVATE_DIR_H_

#ifndef CHATGATE_CLIENT_CHATGATECTL_INGEST_COMMAND_H_
#define CHATGATE_CLIENT_CHATGATECTL_INGEST_COMMAND_H_

#include <string>
#include <vector>

#include "client/chatgatectl/exit_code.h"

namespace chatgate {

struct IngestOptions {
  // `HOST:PORT` of the gateway's HTTP listener. Required.
  std::string http;
  // Where to post.
  std::string path = "/webhooks/dashly";
  // Content type; empty: by the file's ending (`.form`, `.json`), else form.
  std::string type;
};

// `ingest FILE...`: posts each file as the body of a webhook, in order, and
// writes a line with the answer of each. Fails unless all were answered 200; a
// gateway that cannot be reached ends it at once. A body is at most 16 MiB.
ExitCode RunIngest(const std::vector<std::string>& files,
                   const IngestOptions& options);

}  // namespace chatgate

#endif  // CHATGATE_CLIENT_CHATGATECTL_INGEST_COMMAND_H_

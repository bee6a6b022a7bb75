#ifndef CHATGATE_SERVER_CONFIG_CONFIG_H_
#define CHATGATE_SERVER_CONFIG_CONFIG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chatgate/v1/config.pb.h"

namespace chatgate {

// What the command line says; empty where it says nothing.
struct ConfigOverrides {
  std::string grpc_listen = {};
  std::string http_listen = {};
  std::string data_dir = {};
};

// Reads a configuration from a file of text proto, with defaults filled in,
// paths seen from the file's folder, and every secret as its `value`.
// INVALID_ARGUMENT: names every problem as `FILE:LINE:COLUMN: REASON`, or as
//                   `--FLAG: REASON`, separated by `; `.
absl::StatusOr<v1::Config> LoadConfig(const std::string& path,
                                      const ConfigOverrides& overrides = {});

// The configuration of a gateway that was given none: the embedded platform
// with a small workspace, on loopback.
absl::StatusOr<v1::Config> DemoConfig(const ConfigOverrides& overrides = {});

// Fills in the secrets that were left out and may be: they are made at the
// first start and kept in `config->data_dir()`, which must exist and be locked.
// `demo`: also a secret for Chatlio's webhooks.
absl::Status FillSecrets(bool demo, v1::Config* config);

// Wipes every secret of a configuration; it is unset then.
void WipeSecrets(v1::Config* config);
void WipeSecrets(v1::AppConfig* app);

// Wipes the variables of the process's environment whose value is a secret of
// `config`, which stays as it is. Threads: before the first one that reads the
// environment.
void WipeEnvironment(v1::Config* config);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_CONFIG_CONFIG_H_

#ifndef CHATGATE_SERVER_CONFIG_CHECKS_H_
#define CHATGATE_SERVER_CONFIG_CHECKS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "chatgate/v1/config.pb.h"
#include "server/config/config_node.h"
#include "server/config/secrets.h"

namespace chatgate {

// Each checks a part of the configuration as its proto comments say, fills in
// defaults and resolves secrets. `node` is the place of the whole file.

// `folder`: where the TLS files are looked for. `node` of CheckWebApi is the
// place of `web_api` itself.
void CheckListeners(const ConfigNode& node, absl::string_view folder,
                    v1::Config* config, Problems* problems);
void CheckApps(const ConfigNode& node, SecretReader* secrets,
               v1::Config* config, Problems* problems);
void CheckEvents(const ConfigNode& node, v1::Config* config,
                 Problems* problems);
void CheckWebApi(const ConfigNode& node, SecretReader* secrets,
                 v1::WebApiConfig* web_api, Problems* problems);
void CheckCallers(const ConfigNode& node, SecretReader* secrets,
                  v1::Config* config, Problems* problems);

}  // namespace chatgate

#endif  // CHATGATE_SERVER_CONFIG_CHECKS_H_

#include "server/config/config.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "server/base/secret_bytes.h"
#include "server/base/status_macros.h"
#include "server/config/checks.h"
#include "server/config/listen_address.h"
#include "server/config/read_file.h"
#include "server/config/secrets.h"
#include "server/store/data_dir.h"

namespace chatgate {
namespace {

using google::protobuf::TextFormat;

// Beyond these the rest of the problems only repeats the first.
constexpr size_t kProblemsMax = 10;

// What the parser found instead of what it expected may be a secret, with its
// quotes or without.
std::string WithoutFoundText(const std::string& message) {
  constexpr absl::string_view kSecretHas =
      "Message type \"chatgate.v1.Secret\" has no field named";
  if (absl::StartsWith(message, kSecretHas)) {
    return "a secret has `env`, `value` or `file`";
  }
  size_t end = message.size();
  for (const char* mark : {", got: ", ", found ", " Value: "}) {
    end = std::min(end, message.find(mark));
  }
  return message.substr(0, end);
}

class ParseErrors final : public google::protobuf::io::ErrorCollector {
 public:
  ParseErrors(const std::string& file, Problems* problems)
      : file_(file), problems_(*problems) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    problems_.push_back(absl::StrCat(file_, ":", line + 1, ":", column + 1,
                                     ": ", WithoutFoundText(message)));
  }

 private:
  const std::string& file_;
  Problems& problems_;
};

absl::Status ToStatus(Problems problems) {
  if (problems.empty()) return absl::OkStatus();
  if (problems.size() > kProblemsMax) problems.resize(kProblemsMax);
  return absl::InvalidArgumentError(absl::StrJoin(problems, "; "));
}

// A flag is checked like the field that it overrides, but by its own name.
void Override(const std::string& flag, const std::string& value, bool open,
              std::string* field, Problems* problems) {
  if (value.empty()) return;
  const absl::StatusOr<ListenAddress> address = ListenAddress::Parse(value);
  if (!address.ok()) {
    problems->push_back(absl::StrCat(flag, ": ", address.status().message()));
  } else if (!open && !address->IsLoopback()) {
    problems->push_back(absl::StrCat(
        flag, ": `", value,
        "` is not loopback, and the configuration does not allow that"));
  }
  *field = value;
}

void ApplyOverrides(const ConfigOverrides& overrides, v1::Config* config,
                    Problems* problems) {
  const bool grpc_open = config->grpc().has_tls() || config->grpc().insecure();
  Override("--grpc_listen", overrides.grpc_listen, grpc_open,
           config->mutable_grpc()->mutable_listen(), problems);
  Override("--http_listen", overrides.http_listen, config->http().insecure(),
           config->mutable_http()->mutable_listen(), problems);
  if (!overrides.data_dir.empty()) config->set_data_dir(overrides.data_dir);
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// Sets a secret from the data directory, where an operator may have written it.
absl::Status Keep(const v1::Config& config, const std::string& file,
                  v1::Secret* secret) {
  constexpr size_t kBytesMin = 8;
  const std::string path = PathFrom(config.data_dir(), file);
  std::string& value = *secret->mutable_value();
  ASSIGN_OR_RETURN(value, ReadOrCreateSecret(path));
  if (value.size() < kBytesMin || !IsVisible(value)) {
    WipeText(&value);
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": a secret has at least ", kBytesMin,
        " characters, all on one line and visible ASCII; delete the file to "
        "get a new one"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Config> LoadConfig(const std::string& path,
                                      const ConfigOverrides& overrides) {
  ASSIGN_OR_RETURN(std::string text, ReadConfigFile(path));
  Problems problems;
  ParseErrors errors(path, &problems);
  TextFormat::ParseInfoTree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&tree);
  v1::Config config;
  const bool parsed = parser.ParseFromString(text, &config);
  WipeText(&text);
  if (!parsed) return ToStatus(problems);

  const std::string folder = FolderOf(path);
  const ConfigNode top(path, config.GetDescriptor(), &tree);
  SecretReader secrets(folder);
  CheckListeners(top, folder, &config, &problems);
  CheckEvents(top, &config, &problems);
  CheckApps(top, &secrets, &config, &problems);
  CheckCallers(top, &secrets, &config, &problems);
  ApplyOverrides(overrides, &config, &problems);
  RETURN_IF_ERROR(ToStatus(std::move(problems)));
  return config;
}

absl::StatusOr<v1::Config> DemoConfig(const ConfigOverrides& overrides) {
  v1::Config config;
  v1::AppConfig* app = config.add_apps();
  app->set_id(777);
  app->set_name("Demo");
  v1::AdminConfig* admin = app->mutable_embedded()->add_admins();
  admin->set_id(111);
  admin->set_name("inkov");
  v1::ChannelConfig* channel = app->mutable_embedded()->add_channels();
  channel->set_id(1);
  channel->set_name("Website");

  Problems problems;
  const ConfigNode top("demo", config.GetDescriptor(), nullptr);
  SecretReader secrets(".");
  CheckListeners(top, ".", &config, &problems);
  CheckEvents(top, &config, &problems);
  CheckApps(top, &secrets, &config, &problems);
  ApplyOverrides(overrides, &config, &problems);
  RETURN_IF_ERROR(ToStatus(std::move(problems)));
  return config;
}

absl::Status FillSecrets(bool demo, v1::Config* config) {
  if (config->callers().empty()) {
    v1::CallerConfig* local = config->add_callers();
    local->set_name("local");
    local->set_role(v1::ADMIN);
    RETURN_IF_ERROR(Keep(*config, "caller.token", local->mutable_token()));
  }
  for (v1::AppConfig& app : *config->mutable_apps()) {
    if (!app.has_embedded()) continue;
    if (!app.has_api_token()) {
      RETURN_IF_ERROR(Keep(*config, absl::StrCat("api-", app.id(), ".token"),
                           app.mutable_api_token()));
    }
    if (!app.has_webhook_token()) {
      RETURN_IF_ERROR(Keep(*config,
                           absl::StrCat("webhook-", app.id(), ".token"),
                           app.mutable_webhook_token()));
    }
    if (demo && !app.has_chatlio_secret()) {
      RETURN_IF_ERROR(Keep(*config,
                           absl::StrCat("chatlio-", app.id(), ".secret"),
                           app.mutable_chatlio_secret()));
    }
  }
  return absl::OkStatus();
}

}  // namespace chatgate

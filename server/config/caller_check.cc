#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"
#include "server/config/checks.h"

namespace chatgate {
namespace {

constexpr size_t kTokenBytesMin = 8;
constexpr uint32_t kWeightMax = 1'000;

void CheckCaller(const ConfigNode& node, const std::set<uint64_t>& known_apps,
                 SecretReader* secrets, v1::CallerConfig* caller,
                 Problems* problems) {
  if (!caller->has_token()) {
    node.Field("token").Complain("a caller needs a token", problems);
  } else {
    secrets->ResolveUnique("token", kTokenBytesMin, node.Field("token"),
                           caller->mutable_token(), problems);
  }
  if (caller->role() == v1::ROLE_UNSPECIFIED ||
      !v1::Role_IsValid(caller->role())) {
    node.Field("role").Complain(
        "a caller needs a role: READER, WRITER or ADMIN", problems);
  }
  if (caller->weight() > kWeightMax) {
    node.Field("weight").Complain(absl::StrCat("more than ", kWeightMax),
                                  problems);
  }
  for (int i = 0; i < caller->app_ids_size(); ++i) {
    if (!known_apps.contains(caller->app_ids(i))) {
      node.Field("app_ids", i)
          .Complain(absl::StrCat("there is no app ", caller->app_ids(i)),
                    problems);
    }
  }
}

}  // namespace

void CheckCallers(const ConfigNode& node, SecretReader* secrets,
                  v1::Config* config, Problems* problems) {
  std::set<uint64_t> known_apps;
  for (const v1::AppConfig& app : config->apps()) known_apps.insert(app.id());
  std::set<std::string> names;
  for (int i = 0; i < config->callers_size(); ++i) {
    const ConfigNode place = node.Field("callers", i);
    v1::CallerConfig* caller = config->mutable_callers(i);
    if (caller->name().empty()) {
      place.Field("name").Complain("a caller needs a name", problems);
    } else if (!names.insert(caller->name()).second) {
      place.Field("name").Complain(
          absl::StrCat("the name ", caller->name(), " is there twice"),
          problems);
    }
    CheckCaller(place, known_apps, secrets, caller, problems);
  }
}

}  // namespace chatgate

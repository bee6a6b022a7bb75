#include "server/base/log.h"

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace chatgate {
namespace {

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>(
        "chatgate", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                      spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

// Bytes that would break the line, or forge another one, are escaped.
std::string Quoted(absl::string_view value) {
  if (!value.empty() && value.find_first_of(" \"=\\") == value.npos) {
    std::string escaped = absl::Utf8SafeCEscape(value);
    if (escaped == value) return escaped;
  }
  return absl::StrCat("\"", absl::Utf8SafeCEscape(value), "\"");
}

void Write(spdlog::level::level_enum level, absl::string_view message,
           std::initializer_list<LogField> fields) {
  if (!Logger().should_log(level)) return;
  std::string line(message);
  for (const LogField& field : fields) {
    absl::StrAppend(&line, " ", field.key, "=", Quoted(field.value));
  }
  Logger().log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void SetLogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return Logger().set_level(spdlog::level::debug);
    case LogLevel::kInfo:
      return Logger().set_level(spdlog::level::info);
    case LogLevel::kWarning:
      return Logger().set_level(spdlog::level::warn);
    case LogLevel::kError:
      return Logger().set_level(spdlog::level::err);
  }
}

void LogDebug(absl::string_view message,
              std::initializer_list<LogField> fields) {
  Write(spdlog::level::debug, message, fields);
}
void LogInfo(absl::string_view message,
             std::initializer_list<LogField> fields) {
  Write(spdlog::level::info, message, fields);
}
void LogWarning(absl::string_view message,
                std::initializer_list<LogField> fields) {
  Write(spdlog::level::warn, message, fields);
}
void LogError(absl::string_view message,
              std::initializer_list<LogField> fields) {
  Write(spdlog::level::err, message, fields);
}

}  // namespace chatgate

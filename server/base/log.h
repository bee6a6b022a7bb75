#ifndef CHATGATE_SERVER_BASE_LOG_H_
#define CHATGATE_SERVER_BASE_LOG_H_

#include <initializer_list>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace chatgate {

// One `key=value` of a log line. Values with spaces or quotes are quoted.
//
//   LogWarning("webhook refused", {{"reason", "token"}, {"status", 401}});
//
// Never pass a secret: a log line is public.
struct LogField {
  template <typename Value>
  LogField(absl::string_view key, const Value& value)
      : key(key), value(absl::StrCat(value)) {}

  absl::string_view key;
  std::string value;
};

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Sets the lowest level that is written; kInfo until called.
void SetLogLevel(LogLevel level);

// Each writes one line to standard error, with time and level. May be called
// from any thread.
void LogDebug(absl::string_view message,
              std::initializer_list<LogField> fields = {});
void LogInfo(absl::string_view message,
             std::initializer_list<LogField> fields = {});
void LogWarning(absl::string_view message,
                std::initializer_list<LogField> fields = {});
void LogError(absl::string_view message,
              std::initializer_list<LogField> fields = {});

}  // namespace chatgate

#endif  // CHATGATE_SERVER_BASE_LOG_H_

#include "client/chatgatectl/records_command.h"

#include <unistd.h>

#include <fstream>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "chatgate/v1/records.pb.h"
#include "client/standard_output.h"
#include "google/protobuf/util/json_util.h"

namespace chatgate {
namespace {

constexpr int kBatchRecords = 500;
// A request stays far below what the gateway accepts.
constexpr size_t kBatchBytes = 1 << 20;
// The longest line: a record of 1 MiB, whose bytes may each be escaped.
constexpr size_t kLineBytesMax = 8 << 20;
// How often long work says how far it is.
constexpr int64_t kProgressEvery = 10'000;

bool ReadApp(const std::vector<std::string>& apps, uint64_t* app_id) {
  return apps.empty() ||
         (apps.size() == 1 && absl::SimpleAtoi(apps[0], app_id));
}

ExitCode FailApp() {
  return FailUsage(
      absl::InvalidArgumentError("--app_id takes one app, such as 777"));
}

// On a terminal alone: a line that is written over.
void Progress(const char* what, int64_t count) {
  if (count % kProgressEvery != 0 || isatty(STDERR_FILENO) == 0) return;
  std::cerr << "\r" << what << " " << count << std::flush;
}

// Records on their way to the gateway, with the lines that they came from.
class Batch {
 public:
  Batch(ChatClient& client, uint64_t app_id, const CallOptions& options)
      : client_(client), options_(options) {
    request_.set_app_id(app_id);
  }

  absl::Status Add(int64_t line, v1::Record record) {
    const size_t bytes = record.ByteSizeLong();
    if (request_.records_size() == kBatchRecords ||
        bytes_ + bytes > kBatchBytes) {
      if (absl::Status sent = Send(); !sent.ok()) return sent;
    }
    lines_.push_back(line);
    bytes_ += bytes;
    *request_.add_records() = std::move(record);
    return absl::OkStatus();
  }

  absl::Status Send() {
    if (request_.records().empty()) return absl::OkStatus();
    v1::ImportRecordsResponse response;
    absl::Status status =
        client_.Call("ImportRecords", request_, &response, options_);
    if (!status.ok()) {
      return absl::Status(status.code(), WithLines(status.message()));
    }
    imported_ += response.imported();
    existing_ += response.existing();
    request_.clear_records();
    lines_.clear();
    bytes_ = 0;
    return absl::OkStatus();
  }

  int64_t imported() const { return imported_; }
  int64_t existing() const { return existing_; }

 private:
  // `records[3].user.id: ...` as the line of the file that it came from.
  std::string WithLines(absl::string_view message) const {
    absl::string_view rest = message;
    size_t index = 0;
    if (absl::ConsumePrefix(&rest, "records[") &&
        absl::SimpleAtoi(rest.substr(0, rest.find(']')), &index) &&
        index < lines_.size()) {
      rest.remove_prefix(rest.find(']') + 1);
      absl::ConsumePrefix(&rest, ".");
      return absl::StrCat("line ", lines_[index], ": ", rest);
    }
    return absl::StrCat("lines ", lines_.front(), " to ", lines_.back(), ": ",
                        message);
  }

  ChatClient& client_;
  const CallOptions options_;
  v1::ImportRecordsRequest request_;
  std::vector<int64_t> lines_;
  size_t bytes_ = 0;
  int64_t imported_ = 0;
  int64_t existing_ = 0;
};

absl::Status ImportLines(std::istream& in, Batch* batch) {
  std::string text;
  for (int64_t line = 1; std::getline(in, text); ++line) {
    if (text.empty()) continue;
    if (text.size() > kLineBytesMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", line, ": is longer than a record can be"));
    }
    v1::Record record;
    const auto parsed =
        google::protobuf::util::JsonStringToMessage(text, &record);
    if (!parsed.ok()) {
      // What follows shows the place under a line of its own.
      const std::string why(parsed.message().data(), parsed.message().size());
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", line, ": is no record: ", why.substr(0, why.find('\n'))));
    }
    absl::Status added = batch->Add(line, std::move(record));
    if (!added.ok()) return added;
    Progress("imported", line);
  }
  if (in.bad()) return absl::InvalidArgumentError("the file cannot be read");
  return batch->Send();
}

}  // namespace

ExitCode RunExport(ChatClient& client, const std::vector<std::string>& apps,
                   const CallOptions& options) {
  v1::ExportRecordsRequest request;
  uint64_t app_id = 0;
  if (!ReadApp(apps, &app_id)) return FailApp();
  request.set_app_id(app_id);
  // The names of the contract, as every other command writes them.
  google::protobuf::util::JsonPrintOptions json;
  json.preserve_proto_field_names = true;
  std::string version;
  int64_t count = 0;
  while (true) {
    v1::ExportRecordsResponse response;
    const absl::Status status =
        client.Call("ExportRecords", request, &response, options);
    if (!status.ok()) return Fail(status);
    for (const v1::Record& record : response.records()) {
      std::string line;
      const auto printed =
          google::protobuf::util::MessageToJsonString(record, &line, json);
      if (!printed.ok()) {
        return Fail(absl::InternalError("a record cannot be written as JSON"));
      }
      std::cout << line << "\n";
      Progress("exported", ++count);
    }
    const absl::Status written = FlushOutput();
    if (!written.ok()) return FailOutput(written);
    if (version.empty()) version = response.version();
    if (response.next_page_token().empty()) {
      std::cerr << count << " records\n";
      if (version != response.version()) {
        std::cerr << "Something changed meanwhile: what is new may be missing, "
                     "or differ from line to line. Export again while nothing "
                     "happens.\n";
      }
      return kExitOk;
    }
    request.set_page_token(response.next_page_token());
  }
}

ExitCode RunImport(ChatClient& client,
                   const std::vector<std::string>& arguments,
                   const std::vector<std::string>& apps,
                   const CallOptions& options) {
  uint64_t app_id = 0;
  if (!ReadApp(apps, &app_id)) return FailApp();
  if (arguments.size() != 1) {
    return FailUsage(absl::InvalidArgumentError(
        "import takes one file, or - for standard input"));
  }
  std::ifstream file;
  if (arguments[0] != "-") {
    file.open(arguments[0]);
    if (!file) {
      return FailUsage(absl::InvalidArgumentError(
          absl::StrCat(arguments[0], " cannot be read")));
    }
  }
  Batch batch(client, app_id, options);
  const absl::Status status =
      ImportLines(arguments[0] == "-" ? std::cin : file, &batch);
  std::cerr << batch.imported() << " records imported, " << batch.existing()
            << " were there already\n";
  return status.ok() ? kExitOk : Fail(status);
}

}  // namespace chatgate

// What a core dump of a gateway would hold: not the tokens that it calls a
// platform with.
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway.h"
#include "tests/support/child_process.h"
#include "tests/support/loopback_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace chatgate {
namespace {

using ::testing::IsEmpty;

// They come to the gateway as an operator would give them.
constexpr char kTokenOfFile[] = "app.777.kqwhdkjhqwd-of-a-file-81726";
constexpr char kTokenOfEnvironment[] = "app.778.oiuwqeoiuwq-of-the-env-5512";
constexpr size_t kPieceSize = 12;

struct Mapping {
  uint64_t begin = 0;
  uint64_t end = 0;
  std::string name;
  bool readable = false;
  bool dumped = true;
};

std::vector<Mapping> MappingsOf(pid_t pid) {
  std::ifstream maps(absl::StrCat("/proc/", pid, "/smaps"));
  std::vector<Mapping> mappings;
  for (std::string line; std::getline(maps, line);) {
    const std::vector<std::string> words =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    const std::vector<std::string> ends = absl::StrSplit(words[0], '-');
    Mapping mapping;
    if (ends.size() == 2 && absl::SimpleHexAtoi(ends[0], &mapping.begin) &&
        absl::SimpleHexAtoi(ends[1], &mapping.end)) {
      mapping.readable = words[1][0] == 'r';
      mapping.name = words.size() > 5 ? words[5] : "";
      mappings.push_back(mapping);
    } else if (words[0] == "VmFlags:") {
      mappings.back().dumped = !absl::StrContains(line, " dd");
    }
  }
  return mappings;
}

// What can be read of the process's memory, mapping by mapping.
class ProcessMemory {
 public:
  explicit ProcessMemory(pid_t pid)
      : mappings_(MappingsOf(pid)),
        memory_(open(absl::StrCat("/proc/", pid, "/mem").c_str(),
                     O_RDONLY | O_CLOEXEC)) {}
  ~ProcessMemory() { close(memory_); }

  // Where one of the texts stands, in what a core dump has or in what it has
  // not.
  std::vector<std::string> PlacesOf(const std::vector<std::string>& texts,
                                    bool dumped) const {
    std::vector<std::string> places;
    for (const Mapping& mapping : mappings_) {
      if (!mapping.readable || mapping.dumped != dumped) continue;
      const std::string bytes = Read(mapping);
      for (const std::string& text : texts) {
        const char* at = bytes.data();
        const char* const end = bytes.data() + bytes.size();
        while ((at = static_cast<const char*>(
                    memmem(at, static_cast<size_t>(end - at), text.data(),
                           text.size()))) != nullptr) {
          const size_t before =
              std::min<size_t>(40, static_cast<size_t>(at - bytes.data()));
          places.push_back(
              absl::StrCat(mapping.name, ": ",
                           absl::CHexEscape(absl::string_view(
                               at - before, before + text.size()))));
          ++at;
        }
      }
    }
    return places;
  }

 private:
  std::string Read(const Mapping& mapping) const {
    std::string bytes(mapping.end - mapping.begin, '\0');
    const ssize_t size = pread(memory_, bytes.data(), bytes.size(),
                               static_cast<off_t>(mapping.begin));
    bytes.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return bytes;
  }

  const std::vector<Mapping> mappings_;
  const int memory_;
};

class SecretMemoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string config = absl::StrCat(
        "grpc { listen: \"127.0.0.1:0\" }\nhttp { listen: \"127.0.0.1:0\" }\n",
        "data_dir: \"data\"\n", AppText(777, "file: \"api.token\""),
        AppText(778, "env: \"API_TOKEN_OF_778\""),
        "callers { name: \"t\" token { file: \"caller.token\" } role: ADMIN "
        "}\n");
    directory_.Write("api.token", absl::StrCat(kTokenOfFile, "\n"));
    directory_.Write("caller.token", kCallerToken);
    auto process = ChildProcess::Start(
        {Binary("chatgate"), "--config",
         directory_.Write("chatgate.textproto", config), "--data_dir",
         directory_.File("data")},
        {absl::StrCat("API_TOKEN_OF_778=", kTokenOfEnvironment)});
    ASSERT_THAT(process, IsOk());
    process_ = *std::move(process);
    ASSERT_OK_AND_ASSIGN(const std::string ready,
                         process_->ReadLine(absl::Seconds(60)));
    const size_t grpc = ready.find("grpc=") + 5;
    address_ = ready.substr(grpc, ready.find(' ', grpc) - grpc);
  }

  std::string AppText(int id, const std::string& token) const {
    return absl::StrCat("apps { id: ", id, " api_token { ", token,
                        " } web_api { base_url: \"http://127.0.0.1:",
                        platform_.port(), "/v1\" } }\n");
  }

  // A read and a change.
  void CallBoth(uint64_t app_id) {
    const auto stub = v1::ChatService::NewStub(
        grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
    {
      grpc::ClientContext context;
      Gateway::Authorize(&context);
      v1::ListChannelsRequest request;
      request.set_app_id(app_id);
      v1::ListChannelsResponse response;
      EXPECT_TRUE(stub->ListChannels(&context, request, &response).ok());
    }
    grpc::ClientContext context;
    Gateway::Authorize(&context);
    v1::CloseConversationRequest request;
    request.set_app_id(app_id);
    request.set_conversation_id(5);
    v1::CloseConversationResponse response;
    EXPECT_TRUE(stub->CloseConversation(&context, request, &response).ok());
  }

  void ExpectKeptOutOfDumps(const std::string& token) {
    const ProcessMemory memory(process_->pid());
    // It is there, so the look at the memory would see it elsewhere.
    EXPECT_EQ(memory.PlacesOf({token}, /*dumped=*/false).size(), 1u);
    EXPECT_FALSE(memory.PlacesOf({"chatgate ready"}, /*dumped=*/true).empty());
    std::vector<std::string> pieces;
    for (size_t at = 0; at + kPieceSize <= token.size(); at += kPieceSize / 2) {
      pieces.push_back(token.substr(at, kPieceSize));
    }
    EXPECT_THAT(memory.PlacesOf(pieces, /*dumped=*/true), IsEmpty());
  }

  TempDir directory_;
  LoopbackServer platform_{
      AnswerAll(HttpText(200, R"({"meta": {"status": 200}, "data": []})"))};
  std::unique_ptr<ChildProcess> process_;
  std::string address_;
};

TEST_F(SecretMemoryTest, AStartedGatewayHoldsItsTokensOutsideOfDumps) {
  ExpectKeptOutOfDumps(kTokenOfFile);
  ExpectKeptOutOfDumps(kTokenOfEnvironment);
}

TEST_F(SecretMemoryTest, CallsLeaveNoTokenBehind) {
  for (int i = 0; i < 3; ++i) {
    CallBoth(777);
    CallBoth(778);
  }
  ExpectKeptOutOfDumps(kTokenOfFile);
  ExpectKeptOutOfDumps(kTokenOfEnvironment);
}

}  // namespace
}  // namespace chatgate

#ifndef CHATGATE_TESTS_WEB_API_LOSING_PLATFORM_H_
#define CHATGATE_TESTS_WEB_API_LOSING_PLATFORM_H_

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/web_api/backend_fixture.h"

namespace chatgate {

// A platform with one conversation, 5, that loses answers as told.
class LostAnswerTest : public WebApiBackendTest {
 protected:
  enum Fate {
    kAnswer,
    kFail,
    kLoseAnswer,
    kLoseRequest,
    kTimeOut,
    kTimeOutLate
  };

  LostAnswerTest() {
    transport_.set_script([this](const RestCall& call) { return Take(call); });
  }

  TransportAnswer Take(const RestCall& call) {
    TransportAnswer answer = TakeCall(call);
    if (answer.status.ok()) answer.date = PlatformNow();
    return answer;
  }

  absl::Time PlatformNow() const { return clock_.Now() + ahead_; }

  TransportAnswer TakeCall(const RestCall& call) {
    if (call.verb == v1::GET) return TakeRead(call);
    const Fate fate = fates_.empty() ? kAnswer : fates_.front();
    if (!fates_.empty()) fates_.erase(fates_.begin());
    std::string answer = "{}";
    if (fate != kFail && fate != kLoseRequest && fate != kTimeOutLate) {
      answer = Do(call);
    }
    if (fate != kAnswer && fate != kFail && on_lost_) on_lost_();
    switch (fate) {
      case kAnswer:
        return SaysOk(answer);
      case kFail:
        return Says(503, "<html>");
      case kLoseAnswer:
      case kLoseRequest:
        return Lost(true);
      case kTimeOut:
      case kTimeOutLate:
        break;
    }
    return Lost(true, absl::DeadlineExceededError("no answer in time"));
  }

  // Writes the part that a call makes.
  std::string Do(const RestCall& call) {
    const uint64_t id = 100 + parts_.size();
    const std::string random_id = Argument(call, "random_id");
    parts_.push_back(absl::StrCat(
        R"({"id":")", id, R"(","conversation":"5","type":")", type_,
        R"(","body":")", Argument(call, "body"), R"(","created":)",
        absl::ToUnixSeconds(PlatformNow()), R"(,"random_id":)",
        tells_random_ids_ && !random_id.empty() ? random_id : "0", "}"));
    if (absl::EndsWith(call.path, "/reply")) return parts_.back();
    if (absl::EndsWith(call.path, "/sendmessage")) {
      return R"({"conversation":"5","message":"6"})";
    }
    return R"({"id":"5"})";
  }

  TransportAnswer TakeRead(const RestCall& call) {
    if (!read_answer_.body.empty()) return read_answer_;
    if (absl::EndsWith(call.path, "/parts")) {
      return TakePartsRead(call);
    }
    if (absl::EndsWith(call.path, "/conversations")) {
      if (parts_.empty()) return SaysOk("[]");
      return Says(200,
                  absl::StrCat(
                      R"({"meta":{"status":200)",
                      more_conversations_ ? R"(,"next_after":"more"},"data":)"
                                          : R"(},"data":)",
                      R"([{"id":"5","created":)",
                      absl::ToUnixSeconds(PlatformNow() - conversation_age_),
                      R"(,"message":)", message_, R"(,"parts_count":)",
                      parts_.size(), R"(,"part_last":)", parts_.back(), "}]}"));
    }
    return SaysOk(R"({"id":"77"})");  // The lead.
  }

  // The newest first, `count` a page.
  TransportAnswer TakePartsRead(const RestCall& call) {
    size_t first = 0;
    size_t count = 0;
    EXPECT_TRUE(absl::SimpleAtoi(Argument(call, "count"), &count));
    const std::string after = Argument(call, "after");
    EXPECT_TRUE(after.empty() || absl::SimpleAtoi(after, &first));
    const size_t end = std::min(parts_.size(), first + count);
    std::string list;
    for (size_t i = first; i < end; ++i) {
      absl::StrAppend(&list, list.empty() ? "" : ",",
                      parts_[parts_.size() - 1 - i]);
    }
    return Says(200,
                absl::StrCat(R"({"meta":{"status":200)",
                             end < parts_.size()
                                 ? absl::StrCat(R"(,"next_after":")", end, "\"")
                                 : "",
                             R"(},"data":[)", list, "]}"));
  }

  // Others write so many parts.
  void AddParts(size_t count, absl::Time created) {
    for (size_t i = 0; i < count; ++i) {
      const size_t id = 100 + parts_.size();
      parts_.push_back(absl::StrCat(
          R"({"id":")", id, R"(","conversation":"5","type":"reply_admin",)",
          R"("body":"other","created":)", absl::ToUnixSeconds(created),
          R"(,"random_id":)", id, "}"));
    }
  }

  // The lead writes so many, to a platform that tells no random ids.
  void AddLeadParts(size_t count, absl::string_view body) {
    for (size_t i = 0; i < count; ++i) {
      parts_.push_back(absl::StrCat(
          R"({"id":")", 100 + parts_.size(),
          R"(","conversation":"5","type":"reply_user","body":")", body,
          R"(","created":)", absl::ToUnixSeconds(PlatformNow()), "}"));
    }
  }

  size_t Posts() const {
    const std::vector<std::string> sent = Sent();
    return static_cast<size_t>(
        std::count_if(sent.begin(), sent.end(), [](const std::string& call) {
          return absl::StartsWith(call, "POST");
        }));
  }
  uint32_t LastRandomId() const {
    uint32_t id = 0;
    for (const RestCall& call : transport_.calls()) {
      if (call.verb == v1::POST) {
        EXPECT_TRUE(absl::SimpleAtoi(Argument(call, "random_id"), &id));
      }
    }
    return id;
  }

  absl::Duration ahead_;  // The platform's clock, of ours.
  std::vector<Fate> fates_;
  std::vector<std::string> parts_;
  std::string type_ = "reply_admin";
  std::string message_ = "null";
  absl::Duration conversation_age_;
  bool tells_random_ids_ = true;
  bool more_conversations_ = false;  // Than the page has.
  std::function<void()> on_lost_;    // Runs as an answer is lost.
  TransportAnswer read_answer_;      // Of every read, where its body is set.
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_WEB_API_LOSING_PLATFORM_H_

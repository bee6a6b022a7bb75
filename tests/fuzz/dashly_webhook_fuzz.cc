// Any bytes as the body of Dashly's webhook; the first line is its type. Every
// body becomes an event that can be stored, and no secret survives blanking.
#include <cstdint>
#include <cstdlib>

#include "absl/strings/match.h"
#include "webhook/dashly_decoder.h"
#include "webhook/secret_blanking.h"

namespace chatgate {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void Run(absl::string_view bytes) {
  const size_t line_end = bytes.find('\n');
  const absl::string_view type = bytes.substr(0, line_end);
  absl::string_view body;
  if (line_end != absl::string_view::npos) body = bytes.substr(line_end + 1);

  const std::string blanked = BlankSecret(body, "xxx");
  Require(!absl::StrContains(blanked, "xxx"));
  Require(BlankSecret(blanked, "xxx") == blanked);

  const NewEvent event = DecodeDashly(7, type, blanked);
  Require(event.raw == blanked);
  Require(event.event.app_id() == 7);
  Require(event.event.payload_case() != v1::Event::PAYLOAD_NOT_SET);
  Require(event.key.has_value() != event.content_fingerprint.has_value());
  Require(!event.event.has_dashly_conversation() ||
          (event.key->id != 0 && !event.event.conversation().empty()));
  // Text that is no UTF-8 would not come back.
  v1::Event again;
  Require(again.ParseFromString(event.event.SerializeAsString()));
}

}  // namespace
}  // namespace chatgate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  chatgate::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}

// Any bytes as the body of one of Chatlio's webhooks; the first byte says
// which. Every body becomes an event that can be stored.
#include <cstdint>
#include <cstdlib>

#include "webhook/chatlio_decoder.h"

namespace chatgate {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void Run(absl::string_view bytes) {
  if (bytes.empty()) return;
  const auto hook =
      static_cast<ChatlioHook>(static_cast<unsigned char>(bytes[0]) % 5);
  const std::string body(bytes.substr(1));
  const NewEvent event = DecodeChatlio(7, hook, "application/json", body);
  Require(event.raw == body);
  Require(event.event.payload_case() != v1::Event::PAYLOAD_NOT_SET);
  Require(!event.key && event.content_fingerprint.value_or(0) != 0);
  v1::Event again;
  Require(again.ParseFromString(event.event.SerializeAsString()));
}

}  // namespace
}  // namespace chatgate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  chatgate::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}

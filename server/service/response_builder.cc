#include "server/service/response_builder.h"

#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace chatgate {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

constexpr uint32_t kLengthDelimited = 2;
constexpr uint32_t Tag(int field) {
  return static_cast<uint32_t>(field) << 3 | kLengthDelimited;
}

// The bytes of the event, without the tag and length before them.
absl::string_view Content(absl::string_view slice) {
  CodedInputStream input(reinterpret_cast<const uint8_t*>(slice.data()),
                         static_cast<int>(slice.size()));
  uint32_t length = 0;
  input.ReadTag();
  input.ReadVarint32(&length);
  return slice.substr(static_cast<size_t>(input.CurrentPosition()), length);
}

// gRPC's threads call it when the last of them has let go of a slice.
template <typename Owner>
void DropSliceOwner(void* owner) {
  delete static_cast<Owner*>(owner);
}

template <typename Owner>
grpc::Slice SharedSlice(absl::string_view bytes, Owner owner) {
  auto* held = new Owner(std::move(owner));
  return grpc::Slice(const_cast<char*>(bytes.data()), bytes.size(),
                     DropSliceOwner<Owner>, held);
}

}  // namespace

std::string SliceWithRaw(const EventRecord& record, absl::string_view raw) {
  const absl::string_view event = Content(record.slice);
  const uint32_t raw_tag = Tag(v1::Event::kRawFieldNumber);
  const size_t size = event.size() + CodedOutputStream::VarintSize32(raw_tag) +
                      CodedOutputStream::VarintSize64(raw.size()) + raw.size();
  if (raw.empty() || size > kEventBytesMax) return std::string(record.slice);
  std::string slice;
  slice.reserve(size + 8);
  {
    google::protobuf::io::StringOutputStream stream(&slice);
    CodedOutputStream output(&stream);
    output.WriteTag(Tag(v1::SubscribeResponse::kEventsFieldNumber));
    output.WriteVarint32(static_cast<uint32_t>(size));
    output.WriteRaw(event.data(), static_cast<int>(event.size()));
    output.WriteTag(raw_tag);
    output.WriteVarint32(static_cast<uint32_t>(raw.size()));
    output.WriteRaw(raw.data(), static_cast<int>(raw.size()));
  }
  return slice;
}

v1::Event ParseSlice(absl::string_view slice) {
  const absl::string_view content = Content(slice);
  v1::Event event;
  event.ParseFromArray(content.data(), static_cast<int>(content.size()));
  return event;
}

bool ResponseBuilder::Add(const std::shared_ptr<const EventRecord>& record) {
  if (!Fits(record->slice.size())) return false;
  bytes_ += record->slice.size();
  if (last_.Extend(record->slice)) return true;
  EndPiece();
  last_ = record->slice;
  return true;
}

bool ResponseBuilder::AddCopy(std::string slice) {
  if (!Fits(slice.size())) return false;
  EndPiece();
  bytes_ += slice.size();
  auto owner = std::make_unique<const std::string>(std::move(slice));
  const std::string& bytes = *owner;
  slices_.push_back(SharedSlice(bytes, std::move(owner)));
  return true;
}

void ResponseBuilder::AddSnapshot(std::string conversations,
                                  const v1::Snapshot& rest) {
  const std::string tail = rest.SerializeAsString();
  std::string head;
  {
    google::protobuf::io::StringOutputStream stream(&head);
    CodedOutputStream output(&stream);
    output.WriteTag(Tag(v1::SubscribeResponse::kSnapshotFieldNumber));
    output.WriteVarint32(
        static_cast<uint32_t>(conversations.size() + tail.size()));
  }
  slices_.emplace_back(head);
  auto owner = std::make_unique<const std::string>(std::move(conversations));
  const std::string& bytes = *owner;
  if (!bytes.empty()) slices_.push_back(SharedSlice(bytes, std::move(owner)));
  slices_.emplace_back(tail);
}

void ResponseBuilder::EndPiece() {
  if (last_.size() == 0) return;
  const absl::string_view bytes = last_;
  slices_.push_back(SharedSlice(bytes, std::move(last_)));
  last_ = SharedBytes();
}

grpc::ByteBuffer ResponseBuilder::Finish(const v1::SubscribeResponse& tail) {
  EndPiece();
  slices_.emplace_back(tail.SerializeAsString());
  grpc::ByteBuffer response(slices_.data(), slices_.size());
  slices_.clear();
  bytes_ = 0;
  return response;
}

}  // namespace chatgate

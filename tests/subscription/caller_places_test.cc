#include "server/subscription/caller_places.h"

#include <thread>
#include <vector>

#include "server/backend/error_table.h"
#include "tests/support/status_matchers.h"

namespace chatgate {
namespace {

using ::testing::HasSubstr;

TEST(CallerPlacesTest, ACallerTakesOnlyItsShare) {
  CallerPlaces places("streams", {.places_max = 3, .of_caller_max = 2});
  const auto first = places.Take("a");
  const auto second = places.Take("a");
  EXPECT_THAT(second, IsOk());
  const absl::Status refused = places.Take("a").status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted,
                                HasSubstr("the caller has too many streams")));
  EXPECT_GT(RetryDelay(refused), absl::ZeroDuration());
  EXPECT_THAT(places.Take("b"), IsOk());
}

TEST(CallerPlacesTest, AllCallersTogetherTakeWhatThereIs) {
  CallerPlaces places("streams", {.places_max = 2, .of_caller_max = 2});
  const auto first = places.Take("a");
  const auto second = places.Take("b");
  EXPECT_THAT(places.Take("c"),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("too many streams are open")));
}

TEST(CallerPlacesTest, APlaceIsFreeAgainWithItsLastCopy) {
  CallerPlaces places("streams", {.places_max = 1});
  auto first = places.Take("a");
  auto copy = *first;
  *first = nullptr;
  EXPECT_FALSE(places.Take("a").ok());
  copy = nullptr;
  EXPECT_THAT(places.Take("a"), IsOk());
}

// What is done in a place may end after those who give places have.
TEST(CallerPlacesTest, APlaceMayOutliveThem) {
  auto places = std::make_unique<CallerPlaces>(
      "streams", CallerPlaces::Limits{.places_max = 1});
  auto place = places->Take("a");
  EXPECT_THAT(place, IsOk());
  places = nullptr;
  *place = nullptr;
}

TEST(CallerPlacesTest, RefusalsLeaveNothingBehind) {
  CallerPlaces places("streams", {.places_max = 5, .of_caller_max = 1});
  auto only = places.Take("a");
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(places.Take("a").ok());
  *only = nullptr;
  EXPECT_THAT(places.Take("a"), IsOk());
}

TEST(CallerPlacesTest, ManyThreadsNeverTakeMoreThanThereAre) {
  constexpr int kPlaces = 3;
  CallerPlaces places("streams", {.places_max = kPlaces});
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) {
        auto place = places.Take("a");
        if (!place.ok()) continue;
        EXPECT_LE(++taken, kPlaces);
        --taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace chatgate

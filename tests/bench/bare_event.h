#ifndef CHATGATE_TESTS_BENCH_BARE_EVENT_H_
#define CHATGATE_TESTS_BENCH_BARE_EVENT_H_

namespace chatgate {

// What the tags of the reference's completion queue point to.
class BareEvent {
 public:
  virtual ~BareEvent() = default;
  virtual void Proceed(bool ok) = 0;
};

}  // namespace chatgate

#endif  // CHATGATE_TESTS_BENCH_BARE_EVENT_H_

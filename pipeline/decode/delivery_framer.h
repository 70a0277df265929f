// One delivery -> one journal entry: every record decoded and framed, what was archived before left out. A
// plain function of the delivery and of what the journal has seen; runs on a worker, with scratch that is
// reused.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <vector>

#include "pipeline/decode/frame_builder.h"
#include "pipeline/decode/record_decoder.h"
#include "pipeline/journal/journal.h"
#include "pipeline/limits.h"
#include "pipeline/metrics.h"

namespace cistern {

// What one delivery adds to the metrics, once it is committed: a repeat adds nothing.
struct DeliveryTally {
  std::array<uint64_t, 5> records{};  // by RecordKind
  std::vector<DeadLetterReason> dead_letters;
  uint64_t repeated_records = 0;
  uint64_t events = 0;
  uint64_t log_bytes = 0;
  uint64_t line_bytes = 0;
  uint64_t frame_bytes = 0;

  void count(const DecodedRecord& record, bool repeated);
  void add_to(Metrics& metrics) const;
};

struct FramedDelivery {
  JournalEntry entry;
  DeliveryTally tally;
  std::vector<Digest128> repeated;  // of the CloudWatch records that were left out
};

// By what deliveries are framed; one value, so that each is framed by one and the same.
struct FramingRules {
  Limits limits;
  std::shared_ptr<const FrameFormat> format;
};

class DeliveryFramer {
 public:
  DeliveryFramer(const Limits& limits, std::shared_ptr<const FrameFormat> format, const Journal& journal);
  ~DeliveryFramer();

  // From the next delivery on; those that are being framed keep what they began with. Any thread.
  void use(const Limits& limits, std::shared_ptr<const FrameFormat> format);
  // Errors: `invalid`, the delivery itself is broken and nothing of it is to be kept; `busy`, there is not
  // the memory for it now. Any number of threads at once.
  Result<FramedDelivery> frame(const Delivery& delivery, Level level);
  // Held for the next deliveries: what an unusually large one took has been given back. Any thread.
  size_t scratch_bytes() const;

 private:
  struct Scratch;
  class Lease;
  Result<FramedDelivery> frame_whole(const Delivery& delivery, Level level);
  bool is_repeat(const Scratch& scratch, const DecodedRecord& record) const;
  static void add_record(Scratch& scratch, const DecodedRecord& record, JournalEntry& entry);
  std::unique_ptr<Scratch> take_scratch();
  std::unique_ptr<Scratch> take_spare(std::shared_ptr<const FramingRules>& rules);  // or null

  const Journal& journal_;
  const uint64_t digest_seed_;
  std::mutex large_record_;   // RecordDecoder says what for
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const FramingRules> rules_;
  size_t lent_ = 0;
  std::vector<std::unique_ptr<Scratch>> spare_;  // has room for those lent too
};

}  // namespace cistern

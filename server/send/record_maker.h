// Decides what the next record is and makes it: an ordinary envelope, a control message or something nasty,
// with event times as the options ask. Deterministic for a seed and a clock.
#pragma once

#include <cstdint>

#include "pipeline/codec.h"
#include "server/send/log_lines.h"
#include "server/send/made_up_lines.h"
#include "server/send/nasty_record.h"
#include "server/send/send_ids.h"
#include "server/send/send_options.h"
#include "server/send/send_rng.h"

namespace cistern {

// One thread. `options` and `lines` must outlive it.
class RecordMaker {
 public:
  // `identity` makes ids differ from those of other runs with the same seed.
  RecordMaker(const SendOptions& options, LogLines& lines, uint64_t identity);
  RecordMaker(RecordMaker&&) = delete;

  // False: no more lines, or `options.events` are made. A control message and a record without events count
  // as one event there, so that every stream of records ends.
  bool next(int64_t request_ms, SentRecord& record);

 private:
  SentEnvelope new_envelope();
  bool fill(SentEnvelope& envelope, LogLines& lines, uint64_t events, int64_t now_ms);
  bool ordinary(int64_t now_ms, SentRecord& record);
  void control(int64_t now_ms, SentRecord& record);
  void nasty(int64_t now_ms, SentRecord& record);
  int64_t first_time(int64_t now_ms, int64_t span_ms);

  const SendOptions& options_;
  LogLines& lines_;
  MadeUpLines nasty_lines_;
  SendRng rng_;
  EventIds ids_;
  Gzip gzip_;
  NastyRecords nasty_records_;
  uint64_t next_nasty_ = 0;
  uint64_t events_left_;
};

}  // namespace cistern

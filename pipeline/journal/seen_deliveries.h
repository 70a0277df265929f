// What has been delivered before: identities of deliveries and digests of records, of the last hours, each
// with the journal segment that holds it. 24 bytes each and 8 more for looking up; no text.
//
// A memory of bounded size and age: beyond `max_entries` the oldest is forgotten first, and what is older
// than `remember_seconds` when forget_older() is called. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "pipeline/journal/journal_format.h"

namespace cistern {

class SeenDeliveries {
 public:
  SeenDeliveries(uint64_t max_entries, int64_t remember_seconds);

  bool contains(const Digest128& digest) const;
  bool contains_any(std::span<const Digest128> digests) const;
  uint64_t size() const;
  // Unix time when the oldest came; 0: nothing is remembered.
  uint32_t oldest_seconds() const;

  // What is known already only moves to `segment`.
  void add(const SeenIdentity& identity, uint64_t segment);
  // A delivery's records and it, last, so that they cannot push it out.
  void add_delivery(const Digest128& identity, std::span<const Digest128> records, int64_t arrived_ms,
                    uint64_t segment);
  void forget_older(int64_t now_seconds);
  int64_t remember_seconds() const { return remember_seconds_; }

  // What would be lost if all segments up to `segment` were dropped.
  std::vector<SeenIdentity> up_to(uint64_t segment) const;
  // Those that live in this one.
  std::vector<Digest128> in(uint64_t segment) const;
  // These have been written again, into segment `to`.
  void move_up_to(uint64_t segment, uint64_t to);

  // After reading a journal, whose order need not be that of age.
  void sort_by_age();

 private:
  struct Entry {
    SeenIdentity identity;
    uint32_t segment = 0;  // its low 32 bits
  };

  void add_locked(const SeenIdentity& identity, uint64_t segment);
  const Entry* find(const Digest128& digest) const;
  void insert_slot(uint32_t position);
  void erase_slot(const Digest128& digest);
  void forget_oldest();
  void grow();
  void rebuild_slots();
  Entry& entry(uint64_t index) { return entries_[(first_ + index) % entries_.size()]; }
  const Entry& entry(uint64_t index) const { return entries_[(first_ + index) % entries_.size()]; }

  const uint64_t max_entries_;
  const int64_t remember_seconds_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;   // a ring, oldest at first_; its size is a power of two
  std::vector<uint32_t> slots_;  // open addressing, linear probing: 1 + position in entries_, 0: free
  uint64_t first_ = 0;
  uint64_t count_ = 0;
};

}  // namespace cistern

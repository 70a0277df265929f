#include "pipeline/journal/seen_deliveries.h"

#include <algorithm>

#include "pipeline/little_endian.h"

namespace cistern {
namespace {

constexpr size_t kFirstCapacity = 1024;

// Digests are spread evenly already.
uint64_t hash_of(const Digest128& digest) {
  return load_little<uint64_t>(reinterpret_cast<const char*>(digest.data()));
}

}  // namespace

SeenDeliveries::SeenDeliveries(uint64_t max_entries, int64_t remember_seconds)
    : max_entries_(std::clamp<uint64_t>(max_entries, 1, 1u << 31)),
      remember_seconds_(remember_seconds),
      entries_(kFirstCapacity),
      slots_(2 * kFirstCapacity) {}

bool SeenDeliveries::contains(const Digest128& digest) const {
  const std::lock_guard lock(mutex_);
  return find(digest) != nullptr;
}

bool SeenDeliveries::contains_any(std::span<const Digest128> digests) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(digests.begin(), digests.end(),
                     [this](const Digest128& digest) { return find(digest) != nullptr; });
}

uint64_t SeenDeliveries::size() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

uint32_t SeenDeliveries::oldest_seconds() const {
  const std::lock_guard lock(mutex_);
  return count_ == 0 ? 0 : entry(0).identity.seconds;
}

void SeenDeliveries::add(const SeenIdentity& identity, uint64_t segment) {
  const std::lock_guard lock(mutex_);
  add_locked(identity, segment);
}

void SeenDeliveries::add_delivery(const Digest128& identity, std::span<const Digest128> records,
                                  int64_t arrived_ms, uint64_t segment) {
  const auto seconds = static_cast<uint32_t>(std::max<int64_t>(arrived_ms / 1000, 0));
  const std::lock_guard lock(mutex_);
  for (const Digest128& record : records) add_locked({record, seconds}, segment);
  add_locked({identity, seconds}, segment);
}

void SeenDeliveries::add_locked(const SeenIdentity& identity, uint64_t segment) {
  if (const Entry* known = find(identity.digest)) {
    entries_[static_cast<size_t>(known - entries_.data())].segment = static_cast<uint32_t>(segment);
    return;
  }
  if (count_ == max_entries_) forget_oldest();
  if (count_ == entries_.size()) grow();
  entry(count_) = {identity, static_cast<uint32_t>(segment)};
  insert_slot(static_cast<uint32_t>((first_ + count_) % entries_.size()));
  ++count_;
}

void SeenDeliveries::forget_older(int64_t now_seconds) {
  const std::lock_guard lock(mutex_);
  while (count_ > 0 && entry(0).identity.seconds + remember_seconds_ < now_seconds) forget_oldest();
}

std::vector<SeenIdentity> SeenDeliveries::up_to(uint64_t segment) const {
  const std::lock_guard lock(mutex_);
  std::vector<SeenIdentity> found;
  for (uint64_t i = 0; i < count_; ++i) {
    if (entry(i).segment <= segment) found.push_back(entry(i).identity);
  }
  return found;
}

std::vector<Digest128> SeenDeliveries::in(uint64_t segment) const {
  const std::lock_guard lock(mutex_);
  std::vector<Digest128> found;
  for (uint64_t i = 0; i < count_; ++i) {
    if (entry(i).segment == static_cast<uint32_t>(segment)) found.push_back(entry(i).identity.digest);
  }
  return found;
}

void SeenDeliveries::move_up_to(uint64_t segment, uint64_t to) {
  const std::lock_guard lock(mutex_);
  for (uint64_t i = 0; i < count_; ++i) {
    if (entry(i).segment <= segment) entry(i).segment = static_cast<uint32_t>(to);
  }
}

void SeenDeliveries::sort_by_age() {
  const std::lock_guard lock(mutex_);
  bool sorted = true;
  for (uint64_t i = 1; i < count_ && sorted; ++i) {
    sorted = entry(i - 1).identity.seconds <= entry(i).identity.seconds;
  }
  if (sorted) return;
  std::rotate(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(first_), entries_.end());
  first_ = 0;
  std::stable_sort(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(count_),
                   [](const Entry& a, const Entry& b) { return a.identity.seconds < b.identity.seconds; });
  rebuild_slots();
}

const SeenDeliveries::Entry* SeenDeliveries::find(const Digest128& digest) const {
  const size_t mask = slots_.size() - 1;
  for (size_t slot = hash_of(digest) & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Entry& there = entries_[slots_[slot] - 1];
    if (there.identity.digest == digest) return &there;
  }
  return nullptr;
}

void SeenDeliveries::insert_slot(uint32_t position) {
  const size_t mask = slots_.size() - 1;
  size_t slot = hash_of(entries_[position].identity.digest) & mask;
  while (slots_[slot] != 0) slot = (slot + 1) & mask;
  slots_[slot] = position + 1;
}

// Frees the digest's slot and moves up those that had been pushed past it, so that no mark of it remains.
void SeenDeliveries::erase_slot(const Digest128& digest) {
  const size_t mask = slots_.size() - 1;
  size_t hole = hash_of(digest) & mask;
  while (entries_[slots_[hole] - 1].identity.digest != digest) hole = (hole + 1) & mask;
  for (size_t slot = (hole + 1) & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const size_t wanted = hash_of(entries_[slots_[slot] - 1].identity.digest) & mask;
    if (((slot - wanted) & mask) < ((slot - hole) & mask)) continue;
    slots_[hole] = slots_[slot];
    hole = slot;
  }
  slots_[hole] = 0;
}

void SeenDeliveries::forget_oldest() {
  erase_slot(entry(0).identity.digest);
  first_ = (first_ + 1) % entries_.size();
  --count_;
}

void SeenDeliveries::grow() {
  std::rotate(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(first_), entries_.end());
  first_ = 0;
  entries_.resize(2 * entries_.size());
  slots_.resize(2 * entries_.size());
  rebuild_slots();
}

void SeenDeliveries::rebuild_slots() {
  std::fill(slots_.begin(), slots_.end(), 0);
  for (uint32_t i = 0; i < count_; ++i) insert_slot(i);
}

}  // namespace cistern

// One group commit being put together: the pieces that a single write puts at the end of a segment. Frame
// bytes are pointed at, not copied; what add() was given must live until the write is over. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "pipeline/journal/journal_format.h"

namespace cistern {

class Commit {
 public:
  Commit(const PlaceChecks& checks, uint64_t start) : checks_(checks), start_(start), end_(start) {}

  // Where each frame's first byte will lie. `frame_crcs`: CRC-32C of each frame.
  std::vector<uint64_t> add_delivery(std::string_view meta, std::span<const Frame> frames,
                                     std::span<const uint32_t> frame_crcs);
  void add(RecordType type, std::string_view meta);

  uint64_t start() const { return start_; }
  uint64_t end() const { return end_; }
  bool empty() const { return end_ == start_; }
  std::span<const std::string_view> pieces() const { return pieces_; }

 private:
  void add_header(RecordType type, std::string_view meta, uint64_t body_bytes);
  void add_piece(std::string_view piece);
  void pad();

  const PlaceChecks& checks_;
  const uint64_t start_;
  uint64_t end_;
  std::vector<std::string_view> pieces_;
  std::deque<std::array<char, kRecordHeaderBytes>> headers_;  // deques: the pieces point into them
  std::deque<std::array<char, kFrameCheckBytes>> frame_checks_;
};

}  // namespace cistern

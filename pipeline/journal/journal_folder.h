// The files of a journal: its lock, its identity, its segments and the spare ones. Every change of names is
// durable when a function returns.
//
//   lock                      held by the process that has the journal open
//   identity                  format version and journal id, as text
//   0000000000000001.segment  numbered without gaps, from the oldest that is needed
//   1.spare                   preallocated, for a segment to come; what it holds means nothing
//   quarantine/               damaged ranges that were copied aside; never deleted
//
// Owned by the journal; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/disk.h"
#include "pipeline/journal/journal_format.h"
#include "pipeline/journal/segment_scan.h"

namespace cistern {

class JournalFolder {
 public:
  // Makes the folder and an identity where there is none. Errors: `fatal` when another process holds it,
  // `invalid` when a newer version wrote it.
  static Result<std::unique_ptr<JournalFolder>> open(Disk& disk, const std::string& path);

  // For looking only: nothing is made, written or removed. Errors: `invalid` when no journal is there;
  // otherwise as open().
  static Result<std::unique_ptr<JournalFolder>> open_to_read(Disk& disk, const std::string& path);

  const std::string& id() const { return id_; }
  const std::map<uint64_t, uint64_t>& segments() const { return segments_; }  // number -> bytes
  size_t spares(uint64_t size) const;                                         // of exactly this size
  size_t files() const { return segments_.size() + spares_.size(); }
  uint64_t segment_bytes() const;  // of all segments, without spares
  uint64_t bytes() const;          // with spares
  std::string segment_path(uint64_t segment) const;

  std::string quarantine_path() const { return in_folder("quarantine"); }

  Result<std::unique_ptr<File>> open_segment(uint64_t segment) const {
    return disk_.open(segment_path(segment), open_mode_);
  }
  // To be read once, from front to back, by one thread.
  Result<std::unique_ptr<File>> open_to_scan(uint64_t segment) const;
  // `busy`: no space for it. A spare is not synced: it is durable as the segment that it becomes, and one
  // that a crash takes is made again at the start.
  Result<> make_spare(uint64_t size);
  // Keeps up to `most` spares of exactly `size`; removes the others.
  Result<> trim_spares(uint64_t size, size_t most);
  // Turns a spare of exactly `size` (there is one) into the segment that the header names.
  Result<std::unique_ptr<File>> begin_segment(const SegmentHeader& header, uint64_t size);
  // Ends the segment's file at `cut` with an end record, so that what followed never comes alive. What is
  // believed from `last_commit` on was perhaps never synced, or its sync failed: it is written again and
  // synced.
  Result<> cut_segment(uint64_t segment, uint64_t last_commit, uint64_t cut);
  // The segment becomes a spare.
  Result<> retire_segment(uint64_t segment);
  // Copies a range below quarantine/, unless that was done before; returns the copy's path. Blocks that do
  // not read are zeros in the copy.
  Result<std::string> set_aside(uint64_t segment, const ByteRange& range);

 private:
  struct Spare {
    std::string name;
    uint64_t size = 0;
  };

  JournalFolder(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  Result<> look();
  Result<> look_at_file(const std::string& name);
  Result<> read_identity();
  Result<> make_identity();
  Result<> id_from_segments();
  Result<> copy(const File& from, const ByteRange& range, File& to, uint64_t to_offset);
  static Result<> copy_what_reads(const File& from, const ByteRange& range, File& to);
  Result<> write_file(const std::string& path, std::string_view bytes);
  std::string in_folder(const std::string& name) const { return path_ + "/" + name; }

  Disk& disk_;
  const std::string path_;
  Disk::Open open_mode_ = Disk::Open::write;  // of segments
  std::shared_ptr<void> lock_;
  std::string id_;
  std::map<uint64_t, uint64_t> segments_;
  std::vector<Spare> spares_;
  uint64_t next_spare_ = 1;
};

}  // namespace cistern

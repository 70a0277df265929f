#include "pipeline/journal/journal_folder.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <random>

#include "pipeline/digest.h"
#include "pipeline/journal/commit.h"

namespace cistern {
namespace {

constexpr std::string_view kSegmentEnding = ".segment";
constexpr std::string_view kSpareEnding = ".spare";
constexpr std::string_view kIdentityStart = "cistern journal, format ";

// The number before `ending`, when the name is just that.
std::optional<uint64_t> number_of(std::string_view name, std::string_view ending, int base) {
  if (!name.ends_with(ending)) return std::nullopt;
  name.remove_suffix(ending.size());
  uint64_t number = 0;
  const auto [stop, code] = std::from_chars(name.data(), name.data() + name.size(), number, base);
  if (code != std::errc() || stop != name.data() + name.size()) return std::nullopt;
  return number;
}

std::string random_id() {
  std::random_device device;
  std::string bytes;
  for (size_t i = 0; i < kJournalIdBytes / 2; ++i) bytes.push_back(static_cast<char>(device()));
  return hex(bytes);
}

bool is_id(std::string_view text) {
  return text.size() == kJournalIdBytes && text.find_first_not_of("0123456789abcdef") == text.npos;
}

Result<std::string> read_whole(Disk& disk, const std::string& path) {
  CISTERN_TRY(auto file, disk.open(path, Disk::Open::read));
  CISTERN_TRY(const uint64_t size, file->size());
  std::string text(std::min<uint64_t>(size, 4096), '\0');
  CISTERN_TRY(const size_t got, file->read_at(0, text.data(), text.size()));
  text.resize(got);
  return text;
}

}  // namespace

Result<std::unique_ptr<JournalFolder>> JournalFolder::open(Disk& disk, const std::string& path) {
  std::unique_ptr<JournalFolder> folder(new JournalFolder(disk, path));
  CISTERN_TRY(disk.make_folders(path));
  CISTERN_TRY(folder->lock_, disk.lock(path + "/lock"));
  // What an earlier process did to names, and perhaps did not live to sync, counts from here on.
  CISTERN_TRY(disk.sync_folder(path));
  CISTERN_TRY(folder->look());
  CISTERN_TRY(folder->read_identity());
  return folder;
}

Result<std::unique_ptr<JournalFolder>> JournalFolder::open_to_read(Disk& disk, const std::string& path) {
  std::unique_ptr<JournalFolder> folder(new JournalFolder(disk, path));
  folder->open_mode_ = Disk::Open::read;
  CISTERN_TRY(const bool there, disk.exists(path));
  if (!there) return invalid("there is no folder " + path);
  CISTERN_TRY(folder->lock_, disk.lock_to_read(path + "/lock"));
  CISTERN_TRY(folder->look());
  CISTERN_TRY(const bool named, disk.exists(folder->in_folder("identity")));
  if (named) {
    CISTERN_TRY(folder->read_identity());
  } else {
    CISTERN_TRY(folder->id_from_segments());
    if (folder->id_.empty()) return invalid("there is no journal in " + path + ": no identity, no segment");
  }
  return folder;
}

Result<std::unique_ptr<File>> JournalFolder::open_to_scan(uint64_t segment) const {
  CISTERN_TRY(auto file, disk_.open(segment_path(segment), Disk::Open::read));
  file->read_past_cache();
  return file;
}

Result<> JournalFolder::look() {
  CISTERN_TRY(const auto names, disk_.list(path_));
  for (const std::string& name : names) {
    CISTERN_TRY(look_at_file(name));
  }
  return ok();
}

Result<> JournalFolder::look_at_file(const std::string& name) {
  const auto segment = number_of(name, kSegmentEnding, 16);
  const auto spare = number_of(name, kSpareEnding, 10);
  if (!segment && !spare) return ok();
  CISTERN_TRY(auto file, disk_.open(in_folder(name), Disk::Open::read));
  CISTERN_TRY(const uint64_t size, file->size());
  if (segment) {
    segments_.emplace(*segment, size);
  } else {
    spares_.push_back({name, size});
    next_spare_ = std::max(next_spare_, *spare + 1);
  }
  return ok();
}

// "cistern journal, format 1\nid 0123456789ab\n"
Result<> JournalFolder::read_identity() {
  CISTERN_TRY(const bool there, disk_.exists(in_folder("identity")));
  if (!there) return make_identity();
  CISTERN_TRY(const std::string text, read_whole(disk_, in_folder("identity")));
  unsigned version = 0;
  char id[kJournalIdBytes + 1] = "";
  if (!text.starts_with(kIdentityStart) ||
      std::sscanf(text.c_str() + kIdentityStart.size(), "%9u", &version) != 1) {
    return fatal(in_folder("identity") +
                 " is damaged: move it away, and cistern makes it again from the segments");
  }
  if (version > kJournalVersion) {
    return invalid("the journal in " + path_ + " was written by a newer version of cistern (format " +
                   std::to_string(version) + ", this one reads up to " + std::to_string(kJournalVersion) +
                   "): start that version, or let it drain the journal first");
  }
  if (std::sscanf(text.c_str() + kIdentityStart.size(), "%9u\nid %12s", &version, id) != 2 || !is_id(id)) {
    return fatal(in_folder("identity") +
                 " is damaged: move it away, and cistern makes it again from the segments");
  }
  id_ = id;
  return ok();
}

Result<> JournalFolder::make_identity() {
  CISTERN_TRY(id_from_segments());
  if (id_.empty() && !segments_.empty()) {
    return fatal(
        "the journal in " + path_ +
        " has segments, but neither an identity file nor a readable segment header: put its `identity` back");
  }
  if (id_.empty()) id_ = random_id();
  const std::string text =
      std::string(kIdentityStart) + std::to_string(kJournalVersion) + "\nid " + id_ + "\n";
  return write_file(in_folder("identity"), text);
}

Result<> JournalFolder::id_from_segments() {
  for (const auto& [segment, size] : segments_) {
    CISTERN_TRY(auto file, open_segment(segment));
    std::string bytes(kSegmentHeaderBytes, '\0');
    CISTERN_TRY(const size_t got, file->read_at(0, bytes.data(), bytes.size()));
    const auto header = decode_segment_header(std::string_view(bytes).substr(0, got));
    if (!header || !is_id(header->journal_id)) continue;
    id_ = header->journal_id;
    break;
  }
  return ok();
}

// Whole or not there; the caller syncs the folder.
Result<> JournalFolder::write_file(const std::string& path, std::string_view bytes) {
  const std::string aside = path + ".new";
  CISTERN_TRY(disk_.remove(aside));
  CISTERN_TRY(auto file, disk_.open(aside, Disk::Open::create));
  CISTERN_TRY(file->write_at(0, std::span(&bytes, 1)));
  CISTERN_TRY(file->sync());
  return disk_.rename(aside, path);
}

size_t JournalFolder::spares(uint64_t size) const {
  return static_cast<size_t>(std::count_if(spares_.begin(), spares_.end(),
                                           [size](const Spare& spare) { return spare.size == size; }));
}

uint64_t JournalFolder::segment_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [segment, size] : segments_) bytes += size;
  return bytes;
}

uint64_t JournalFolder::bytes() const {
  uint64_t bytes = segment_bytes();
  for (const Spare& spare : spares_) bytes += spare.size;
  return bytes;
}

std::string JournalFolder::segment_path(uint64_t segment) const {
  char name[32];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(segment));
  return in_folder(name + std::string(kSegmentEnding));
}

Result<> JournalFolder::make_spare(uint64_t size) {
  const std::string name = std::to_string(next_spare_++) + std::string(kSpareEnding);
  CISTERN_TRY(auto file, disk_.open(in_folder(name), Disk::Open::create));
  Result<> allocated = file->preallocate(size);
  if (!allocated) {
    CISTERN_TRY(disk_.remove(in_folder(name)));
    return allocated;
  }
  spares_.push_back({name, size});
  return ok();
}

Result<> JournalFolder::trim_spares(uint64_t size, size_t most) {
  std::vector<Spare> kept;
  for (const Spare& spare : spares_) {
    if (spare.size == size && kept.size() < most) {
      kept.push_back(spare);
    } else {
      CISTERN_TRY(disk_.remove(in_folder(spare.name)));
    }
  }
  if (kept.size() == spares_.size()) return ok();
  spares_ = std::move(kept);
  return disk_.sync_folder(path_);
}

// The header is durable before the name is, the name before the caller writes a record.
Result<std::unique_ptr<File>> JournalFolder::begin_segment(const SegmentHeader& header, uint64_t size) {
  const auto spare =
      std::find_if(spares_.begin(), spares_.end(), [&](const Spare& s) { return s.size == size; });
  if (spare == spares_.end()) return fatal("no spare journal segment of the wanted size");
  const std::string path = in_folder(spare->name);
  CISTERN_TRY(auto file, disk_.open(path, Disk::Open::write));
  file->write_past_cache();
  Buffer bytes;
  encode_segment_header(header, bytes);
  const std::string_view piece = bytes.view();
  CISTERN_TRY(file->write_at(0, std::span(&piece, 1)));
  CISTERN_TRY(file->sync());
  CISTERN_TRY(disk_.rename(path, segment_path(header.segment)));
  CISTERN_TRY(disk_.sync_folder(path_));
  spares_.erase(spare);
  segments_.emplace(header.segment, size);
  return file;
}

Result<> JournalFolder::cut_segment(uint64_t segment, uint64_t last_commit, uint64_t cut) {
  CISTERN_TRY(auto file, open_segment(segment));
  CISTERN_TRY(copy(*file, {last_commit, cut}, *file, last_commit));
  CISTERN_TRY(file->truncate(cut));
  CISTERN_TRY(file->sync());  // the end is a commit of its own: what lies before it must be durable first
  const PlaceChecks checks(id_, segment);
  Commit end(checks, cut);
  end.add(RecordType::end, {});
  CISTERN_TRY(file->write_at(cut, end.pieces()));
  CISTERN_TRY(file->sync());
  segments_[segment] = end.end();
  return ok();
}

Result<> JournalFolder::copy(const File& from, const ByteRange& range, File& to, uint64_t to_offset) {
  constexpr uint64_t kCopyBytes = 1u << 20;
  Buffer bytes;
  for (uint64_t offset = range.start; offset < range.end; offset += bytes.size()) {
    bytes.resize(std::min(range.end - offset, kCopyBytes));
    CISTERN_TRY(const size_t got, from.read_at(offset, bytes.data(), bytes.size()));
    if (got < bytes.size()) return fatal("a segment of the journal in " + path_ + " got shorter while read");
    const std::string_view piece = bytes.view();
    CISTERN_TRY(to.write_at(to_offset + offset - range.start, std::span(&piece, 1)));
  }
  return ok();
}

Result<> JournalFolder::copy_what_reads(const File& from, const ByteRange& range, File& to) {
  constexpr uint64_t kPieceBytes = 4096;
  std::string bytes;
  for (uint64_t offset = range.start; offset < range.end; offset += bytes.size()) {
    bytes.assign(std::min(range.end - offset, kPieceBytes), '\0');
    const auto got = from.read_at(offset, bytes.data(), bytes.size());
    if (!got) bytes.assign(bytes.size(), '\0');
    const std::string_view piece = bytes;
    CISTERN_TRY(to.write_at(offset - range.start, std::span(&piece, 1)));
  }
  return ok();
}

Result<> JournalFolder::retire_segment(uint64_t segment) {
  const std::string name = std::to_string(next_spare_++) + std::string(kSpareEnding);
  CISTERN_TRY(disk_.rename(segment_path(segment), in_folder(name)));
  CISTERN_TRY(disk_.sync_folder(path_));
  spares_.push_back({name, segments_.at(segment)});
  segments_.erase(segment);
  return ok();
}

Result<std::string> JournalFolder::set_aside(uint64_t segment, const ByteRange& range) {
  char name[64];
  std::snprintf(name, sizeof name, "quarantine/%016llx-%llu-%llu", static_cast<unsigned long long>(segment),
                static_cast<unsigned long long>(range.start), static_cast<unsigned long long>(range.end));
  const std::string path = in_folder(name);
  CISTERN_TRY(const bool there, disk_.exists(path));
  if (there) return path;
  CISTERN_TRY(disk_.make_folders(in_folder("quarantine")));
  CISTERN_TRY(disk_.remove(path + ".new"));
  CISTERN_TRY(auto from, open_segment(segment));
  CISTERN_TRY(auto to, disk_.open(path + ".new", Disk::Open::create));
  CISTERN_TRY(copy_what_reads(*from, range, *to));
  CISTERN_TRY(to->sync());
  CISTERN_TRY(disk_.rename(path + ".new", path));
  CISTERN_TRY(disk_.sync_folder(in_folder("quarantine")));
  return path;
}

}  // namespace cistern

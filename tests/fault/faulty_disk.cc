#include "tests/fault/faulty_disk.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cistern::test {
namespace {

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == path.npos ? "." : path.substr(0, slash);
}

Error no_power() { return fatal("the power is off"); }

}  // namespace

class FaultyFile : public File {
 public:
  FaultyFile(FaultyDisk& disk, std::shared_ptr<FaultyDisk::Inode> inode)
      : disk_(disk), inode_(std::move(inode)), life_(disk.life_) {}

  Result<> write_at(uint64_t offset, std::span<const std::string_view> pieces) override {
    bool last = false;
    if (!powered(&last)) return no_power();
    if (disk_.write_failure_ >= 0 && disk_.write_failure_-- == 0) return fatal("write: input/output error");
    const uint64_t start = offset;
    for (std::string_view piece : pieces) {
      if (offset + piece.size() > inode_->bytes.size()) resize(offset + piece.size());
      std::memcpy(inode_->bytes.data() + offset, piece.data(), piece.size());
      offset += piece.size();
    }
    FaultyDisk::touch(*inode_, start, offset);
    if (last) return no_power();
    return ok();
  }

  Result<size_t> read_at(uint64_t offset, char* into, size_t size) const override {
    if (disk_.off_ || life_ != disk_.life_) return no_power();
    if (offset >= inode_->bytes.size()) return size_t{0};
    const size_t got = std::min<size_t>(size, inode_->bytes.size() - offset);
    std::memcpy(into, inode_->bytes.data() + offset, got);
    return got;
  }

  Result<> sync() override {
    bool last = false;
    if (!powered(&last)) return no_power();
    ++disk_.syncs_;
    if (disk_.lies_) return ok();
    if (disk_.sync_failure_ >= 0 && disk_.sync_failure_-- == 0) {
      // As Linux does it: the pages count as clean from now on, and what was in them may never be written.
      inode_->unsynced.clear();
      inode_->unsynced_sizes.clear();
      return fatal("sync: input/output error");
    }
    if (last && disk_.chance(0.5)) return no_power();
    FaultyDisk::make_durable(*inode_);
    if (last) return no_power();
    return ok();
  }

  Result<> preallocate(uint64_t size) override {
    if (!powered(nullptr)) return no_power();
    if (size <= inode_->bytes.size()) return ok();
    const uint64_t more = size - inode_->bytes.size();
    if (more > disk_.free_bytes_) return busy("preallocate: no space left on device");
    disk_.free_bytes_ -= more;
    resize(size);
    return ok();
  }

  Result<> truncate(uint64_t size) override {
    if (!powered(nullptr)) return no_power();
    const uint64_t before = inode_->bytes.size();
    resize(size);
    if (size < before) FaultyDisk::touch(*inode_, size, before);
    return ok();
  }

  Result<uint64_t> size() const override {
    if (disk_.off_ || life_ != disk_.life_) return no_power();
    return uint64_t{inode_->bytes.size()};
  }

 private:
  bool powered(bool* last) { return life_ == disk_.life_ && disk_.begin(last); }
  void resize(uint64_t size) {
    inode_->bytes.resize(size, '\0');
    inode_->unsynced_sizes.push_back(size);
  }

  FaultyDisk& disk_;
  std::shared_ptr<FaultyDisk::Inode> inode_;
  const uint64_t life_;
};

bool FaultyDisk::begin(bool* last) {
  if (off_) return false;
  ++operations_;
  if (crash_at_ == 0 || operations_ < crash_at_) return true;
  off_ = true;
  if (last == nullptr) return chance(0.5);
  *last = true;
  return true;
}

Result<> FaultyDisk::check() {
  if (!begin()) return no_power();
  return ok();
}

FaultyDisk::Sector FaultyDisk::sector_of(const Inode& inode, uint64_t sector) {
  Sector bytes{};
  const uint64_t start = sector * kSectorBytes;
  if (start >= inode.bytes.size()) return bytes;
  std::memcpy(bytes.data(), inode.bytes.data() + start, std::min(kSectorBytes, inode.bytes.size() - start));
  return bytes;
}

void FaultyDisk::touch(Inode& inode, uint64_t start, uint64_t end) {
  if (start == end) return;
  for (uint64_t sector = start / kSectorBytes; sector <= (end - 1) / kSectorBytes; ++sector) {
    inode.unsynced[sector].push_back(sector_of(inode, sector));
  }
}

void FaultyDisk::make_durable(Inode& inode) {
  for (auto& [sector, versions] : inode.unsynced) inode.durable[sector] = versions.back();
  inode.unsynced.clear();
  inode.unsynced_sizes.clear();
  inode.durable_size = inode.bytes.size();
}

// Each sector becomes any of what it has been since it was synced; so does the size.
void FaultyDisk::lose(Inode& inode) {
  const bool all = chance(0.2);
  const bool none = chance(0.2);
  for (auto& [sector, versions] : inode.unsynced) {
    const uint64_t choice = all ? versions.size() : none ? 0 : below(versions.size() + 1);
    if (choice > 0) inode.durable[sector] = versions[choice - 1];
  }
  inode.unsynced_sizes.insert(inode.unsynced_sizes.begin(), inode.durable_size);
  inode.durable_size = inode.unsynced_sizes[below(inode.unsynced_sizes.size())];
  inode.unsynced.clear();
  inode.unsynced_sizes.clear();
  inode.bytes.assign(inode.durable_size, '\0');
  for (const auto& [sector, bytes] : inode.durable) {
    const uint64_t start = sector * kSectorBytes;
    if (start >= inode.bytes.size()) continue;
    std::memcpy(inode.bytes.data() + start, bytes.data(), std::min(kSectorBytes, inode.bytes.size() - start));
  }
}

void FaultyDisk::crash() {
  const bool in_order = chance(0.5);  // as a file system with a metadata journal does
  bool survives = true;
  for (const NameChange& change : unsynced_names_) {
    survives = in_order ? survives && chance(0.7) : chance(0.5);
    if (survives) apply(change, durable_names_);
  }
  unsynced_names_.clear();
  names_ = durable_names_;
  std::map<Inode*, bool> done;
  for (auto& [name, inode] : names_) {
    if (!std::exchange(done[inode.get()], true)) lose(*inode);
  }
  kill();
}

void FaultyDisk::kill() {
  off_ = false;
  crash_at_ = 0;
  ++life_;
  locks_.clear();
}

void FaultyDisk::flip(const std::string& path, uint64_t offset) {
  Inode& inode = *names_.at(path);
  inode.bytes.at(offset) = static_cast<char>(inode.bytes.at(offset) ^ 0x10);
  inode.durable[offset / kSectorBytes] = sector_of(inode, offset / kSectorBytes);
}

std::map<std::string, std::string> FaultyDisk::files() const {
  std::map<std::string, std::string> files;
  for (const auto& [path, inode] : names_) files.emplace(path, inode->bytes);
  return files;
}

void FaultyDisk::put_back(const std::map<std::string, std::string>& files) {
  names_.clear();
  unsynced_names_.clear();
  for (const auto& [path, bytes] : files) {
    const auto inode = names_[path] = std::make_shared<Inode>();
    inode->bytes = bytes;
    touch(*inode, 0, bytes.size());
    make_durable(*inode);
  }
  durable_names_ = names_;
  kill();
}

void FaultyDisk::apply(const NameChange& change, Names& names) {
  if (change.from.empty()) {
    names[change.to] = change.inode;
    return;
  }
  const auto found = names.find(change.from);
  if (found != names.end() && found->second == change.inode) names.erase(found);
  if (!change.to.empty()) names[change.to] = change.inode;
}

Result<> FaultyDisk::change_name(NameChange change) {
  change.folder = folder_of(change.to.empty() ? change.from : change.to);
  apply(change, names_);
  unsynced_names_.push_back(std::move(change));
  return ok();
}

Result<std::unique_ptr<File>> FaultyDisk::open(const std::string& path, Open mode) {
  const auto found = names_.find(path);
  if (mode != Open::create) {
    if (off_) return no_power();
    if (found == names_.end()) return fatal("open " + path + ": no such file");
    return std::unique_ptr<File>(std::make_unique<FaultyFile>(*this, found->second));
  }
  CISTERN_TRY(check());
  if (found != names_.end()) return fatal("open " + path + ": file exists");
  auto inode = std::make_shared<Inode>();
  CISTERN_TRY(change_name({{}, {}, path, inode}));
  return std::unique_ptr<File>(std::make_unique<FaultyFile>(*this, inode));
}

Result<bool> FaultyDisk::link(const std::string& from, const std::string& to) {
  CISTERN_TRY(check());
  if (!names_.contains(from)) return fatal("link " + from + ": no such file");
  if (names_.contains(to)) return false;
  CISTERN_TRY(change_name({{}, {}, to, names_.at(from)}));
  return true;
}

Result<> FaultyDisk::rename(const std::string& from, const std::string& to) {
  CISTERN_TRY(check());
  if (!names_.contains(from)) return fatal("rename " + from + ": no such file");
  return change_name({{}, from, to, names_.at(from)});
}

Result<> FaultyDisk::remove(const std::string& path) {
  CISTERN_TRY(check());
  const auto found = names_.find(path);
  if (found == names_.end()) return ok();
  free_bytes_ += found->second->bytes.size();  // other links are not looked for
  return change_name({{}, path, {}, found->second});
}

Result<bool> FaultyDisk::exists(const std::string& path) {
  if (off_) return no_power();
  return names_.contains(path);
}

Result<std::vector<std::string>> FaultyDisk::list(const std::string& folder) {
  if (off_) return no_power();
  std::vector<std::string> names;
  for (const auto& [path, inode] : names_) {
    if (folder_of(path) == folder) names.push_back(path.substr(folder.size() + 1));
  }
  return names;
}

Result<> FaultyDisk::make_folders(const std::string&) {
  if (off_) return no_power();
  return ok();
}

Result<> FaultyDisk::sync_folder(const std::string& folder) {
  bool last = false;
  if (!begin(&last)) return no_power();
  ++syncs_;
  if (lies_) return ok();
  if (last && chance(0.5)) return no_power();
  std::vector<NameChange> others;
  for (NameChange& change : unsynced_names_) {
    if (change.folder == folder)
      apply(change, durable_names_);
    else
      others.push_back(std::move(change));
  }
  unsynced_names_ = std::move(others);
  if (last) return no_power();
  return ok();
}

Result<uint64_t> FaultyDisk::free_bytes(const std::string&) {
  if (off_) return no_power();
  return free_bytes_;
}

Result<std::shared_ptr<void>> FaultyDisk::lock(const std::string& path) {
  if (off_) return no_power();
  if (!locks_[path].expired()) return fatal(path + " is held by another process: this one");
  auto held = std::make_shared<int>(0);
  locks_[path] = held;
  return std::shared_ptr<void>(held);
}

}  // namespace cistern::test

// A disk in memory that does what real ones do at the worst moment. Seeded: the same calls meet the same
// fate.
//
// Writes are remembered sector by sector until their file is synced, names until their folder is. crash()
// lets any part of what was not synced survive. Until then everything reads as it was written. For one
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "pipeline/disk.h"

namespace cistern::test {

class FaultyDisk : public Disk {
 public:
  static constexpr uint64_t kSectorBytes = 512;

  explicit FaultyDisk(uint64_t seed) : random_(seed) {}

  // The power fails during the operation with this number (from now on, from 1); that operation may have any
  // part of its effect, later ones have none and fail. 0: never.
  void crash_at(uint64_t operation) { crash_at_ = operation == 0 ? 0 : operations_ + operation; }
  // Power is back: unsynced bytes and names are there in part or not at all, locks are free.
  void crash();
  // Not the power failed, only the process was killed: all that it wrote is there, synced or not.
  void kill();
  bool crashed() const { return off_; }
  uint64_t operations() const { return operations_; }

  // sync() and sync_folder() say yes and do nothing.
  void lie_about_sync(bool lie) { lies_ = lie; }
  // This many writes or syncs go well, the next one fails once. Negative: never.
  void fail_write_after(int64_t writes) { write_failure_ = writes; }
  void fail_sync_after(int64_t syncs) { sync_failure_ = syncs; }
  void set_free_bytes(uint64_t bytes) { free_bytes_ = bytes; }
  // Changes a byte that is on the disk already.
  void flip(const std::string& path, uint64_t offset);
  uint64_t syncs() const { return syncs_; }
  // All files with their bytes, as a copy of the disk holds them; and such a copy in place of what is there.
  // Nothing may be open.
  std::map<std::string, std::string> files() const;
  void put_back(const std::map<std::string, std::string>& files);

  Result<std::unique_ptr<File>> open(const std::string& path, Open mode) override;
  Result<bool> link(const std::string& from, const std::string& to) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<> make_folders(const std::string& folder) override;
  Result<> sync_folder(const std::string& folder) override;
  Result<uint64_t> free_bytes(const std::string& folder) override;
  Result<std::shared_ptr<void>> lock(const std::string& path) override;
  Result<std::shared_ptr<void>> lock_to_read(const std::string& path) override { return lock(path); }

 private:
  friend class FaultyFile;
  using Sector = std::array<char, kSectorBytes>;

  struct Inode {
    std::string bytes;  // as they read now
    uint64_t durable_size = 0;
    std::map<uint64_t, Sector> durable;                // sectors that were synced; absent: zeros
    std::map<uint64_t, std::vector<Sector>> unsynced;  // what sectors have been since, oldest first
    std::vector<uint64_t> unsynced_sizes;
  };
  struct NameChange {
    std::string folder;
    std::string from;  // no longer a name of `inode`; empty: it had none
    std::string to;    // from now on a name of `inode`; empty: it has none
    std::shared_ptr<Inode> inode;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  // Counts an operation; false: there is no power for it. `*last`: the power fails during it.
  bool begin(bool* last = nullptr);
  Result<> check();
  bool chance(double probability) { return std::uniform_real_distribution<>(0, 1)(random_) < probability; }
  uint64_t below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }
  Result<> change_name(NameChange change);
  static void apply(const NameChange& change, Names& names);
  void lose(Inode& inode);
  static void make_durable(Inode& inode);
  static Sector sector_of(const Inode& inode, uint64_t sector);
  static void touch(Inode& inode, uint64_t start, uint64_t end);

  std::mt19937_64 random_;
  uint64_t operations_ = 0;
  uint64_t crash_at_ = 0;
  bool off_ = false;
  bool lies_ = false;
  int64_t write_failure_ = -1;
  int64_t sync_failure_ = -1;
  uint64_t free_bytes_ = 1ull << 40;
  uint64_t syncs_ = 0;
  Names names_;
  Names durable_names_;
  std::vector<NameChange> unsynced_names_;
  std::map<std::string, std::weak_ptr<void>> locks_;
  uint64_t life_ = 0;  // files opened before a crash are dead after it
};

}  // namespace cistern::test

// The only door to the file system, so that tests can stage a crash, a full disk and a failing sync.
// Paths are plain strings. Every error names the path and the system's reason; kind `busy` means that there
// is no space (ENOSPC, EDQUOT), `fatal` everything else. All functions block and may be called on any thread;
// one File is written by one thread at a time, while any number of threads read it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/result.h"

namespace cistern {

class File {
 public:
  virtual ~File() = default;
  // Writes all pieces one after the other at `offset`, or fails; after a failure nothing is known of the
  // range.
  virtual Result<> write_at(uint64_t offset, std::span<const std::string_view> pieces) = 0;
  // Reads up to `size` bytes; less only at the file's end.
  virtual Result<size_t> read_at(uint64_t offset, char* into, size_t size) const = 0;
  // The same for bytes that nothing will soon read again: past the system's cache where the file system lets
  // it, and where that is worth it.
  virtual Result<size_t> read_once_at(uint64_t offset, char* into, size_t size) const {
    return read_at(offset, into, size);
  }
  // One thread will read this file once, from front to back, and nothing will soon read it again: the disk is
  // asked from now on, ahead of its reader, and past the system's cache where the file system lets it.
  virtual void read_past_cache() {}
  // fdatasync. After a failure the written bytes must be taken as lost.
  virtual Result<> sync() = 0;
  // The file is new to its writer, is written from front to back from now on, and will not be read soon: its
  // bytes go past the system's cache where the file system lets them. Behind each write, to the end of its
  // block, may come zeros: truncate() at last.
  virtual void write_past_cache() {}
  // Reserves blocks and extends the file to `size`; never shortens it.
  virtual Result<> preallocate(uint64_t size) = 0;
  virtual Result<> truncate(uint64_t size) = 0;
  virtual Result<uint64_t> size() const = 0;
};

class Disk {
 public:
  enum class Open { read, write, create };  // `write` also reads; `create` fails when the path exists

  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, Open mode) = 0;
  // Gives the bytes of `from` the additional name `to` without replacing anything; false: `to` exists.
  virtual Result<bool> link(const std::string& from, const std::string& to) = 0;
  virtual Result<> rename(const std::string& from, const std::string& to) = 0;
  // Removing what is not there succeeds.
  virtual Result<> remove(const std::string& path) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  // Names (no paths) in a folder, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  // Makes the folder and its parents, each durable in its own parent.
  virtual Result<> make_folders(const std::string& folder) = 0;
  // Makes created, renamed, linked and removed names of a folder durable.
  virtual Result<> sync_folder(const std::string& folder) = 0;
  virtual Result<uint64_t> free_bytes(const std::string& folder) = 0;
  // Holds the file `path` (made if need be) for this process until the returned object dies. The file's text
  // says who holds it; an error of kind `fatal` quotes it.
  virtual Result<std::shared_ptr<void>> lock(const std::string& path) = 0;
  // Keeps lock() of others off without writing a byte; several may hold it at once. Null: there is no such
  // file, so nobody can hold it. The same error as lock().
  virtual Result<std::shared_ptr<void>> lock_to_read(const std::string& path) = 0;
};

// The operating system's own.
std::unique_ptr<Disk> make_posix_disk();

}  // namespace cistern

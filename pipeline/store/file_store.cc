#include "pipeline/store/file_store.h"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <set>
#include <vector>

#include "pipeline/call_on.h"
#include "pipeline/digest.h"
#include "pipeline/store/gzip_lines.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

constexpr const char* kIncoming = ".cistern-incoming";
constexpr size_t kJournalIdDigits = 12;
constexpr size_t kReadBytes = 1 << 20;

// ---- Names.
// ----------------------------------------------------------------------------------------------------

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool all_of(std::string_view text, std::string_view alphabet) {
  return !text.empty() && text.find_first_not_of(alphabet) == std::string_view::npos;
}

struct Identity {
  std::string journal_id;
  uint64_t sequence = 0;
};

// Of the last part of a path: "20261121T08Z-5f1c9a0b7e42-0000000017.ndjson.gz"; an empty id: it has none.
Identity identity_in(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  name = name.substr(0, name.find('.'));
  const auto parts = split(name, '-');
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const bool id = parts[i].size() == kJournalIdDigits && all_of(parts[i], "0123456789abcdef");
    if (!id || !all_of(parts[i + 1], "0123456789")) continue;
    Identity identity{std::string(parts[i]), 0};
    std::from_chars(parts[i + 1].data(), parts[i + 1].data() + parts[i + 1].size(), identity.sequence);
    return identity;
  }
  return {};
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// ---- Contents.
// -------------------------------------------------------------------------------------------------

// Nullopt: no gzip.
Result<std::optional<LineFacts>> lines_of(const File& file) {
  GzipLines lines;
  Buffer scratch;
  scratch.resize(kReadBytes);
  for (uint64_t at = 0;;) {
    CISTERN_TRY(auto got, file.read_at(at, scratch.data(), kReadBytes));
    if (got == 0) return lines.finish();
    if (!lines.feed({scratch.data(), got})) return std::optional<LineFacts>();
    at += got;
  }
}

Result<std::optional<LineFacts>> lines_of(const ObjectBytes& bytes) {
  GzipLines lines;
  for (size_t i = 0; i < bytes.pieces(); ++i) {
    CISTERN_TRY(auto piece, bytes.piece(i));
    if (!lines.feed(piece->view())) return std::optional<LineFacts>();
  }
  return lines.finish();
}

class FileStore : public ObjectStore {
 public:
  FileStore(FileStoreOptions options, Disk& disk, asio::any_io_executor workers)
      : root_(std::move(options.root)),
        prefix_(std::move(options.prefix)),
        disk_(disk),
        workers_(std::move(workers)) {}

  ChecksumsWanted checksums_wanted() const override { return {.sha256 = false, .crc32c = true}; }
  asio::awaitable<Result<PutOutcome>> put(std::shared_ptr<const Object> object) override {
    return call_on(workers_, [this, object = std::move(object)] { return put_now(*object); });
  }
  asio::awaitable<Result<std::optional<ObjectInfo>>> head(std::string key) override {
    return call_on(workers_, [this, key = std::move(key)] { return head_now(key); });
  }
  asio::awaitable<Result<Buffer>> get(std::string key) override {
    return call_on(workers_, [this, key = std::move(key)] { return get_now(key); });
  }
  asio::awaitable<Result<std::string>> check() override {
    return call_on(workers_, [this] { return check_now(); });
  }

 private:
  Result<PutOutcome> put_now(const Object& object) {
    CISTERN_TRY(auto path, path_of(object.key));
    const std::string aside = incoming() + "/" + object.journal_id + "-" + std::to_string(object.sequence);
    if (!claim(aside)) return retry("the object " + object.key + " is being put already: it is tried again");
    auto outcome = put_by_way_of(aside, path, object);
    release(aside);
    return outcome;
  }

  Result<PutOutcome> put_by_way_of(const std::string& aside, const std::string& path, const Object& object) {
    auto linked = write_and_link(aside, path, object);
    const auto removed = on_disk(disk_.remove(aside));
    CISTERN_TRY(auto stored, std::move(linked));
    CISTERN_TRY(removed);
    // Also when the file was there: a try before this one may have been stopped short of it.
    CISTERN_TRY(sync_folders_of(path));
    if (stored) return PutOutcome::stored;
    return whose(path, object);
  }

  // From the file's own to the root: any of them may have been made by another put that has not synced it
  // yet.
  Result<> sync_folders_of(const std::string& path) {
    for (std::string folder = folder_of(path);; folder = folder_of(folder)) {
      CISTERN_TRY(on_disk(disk_.sync_folder(folder)));
      if (folder.size() <= root_.size()) return ok();
    }
  }

  // False: the path is taken.
  Result<bool> write_and_link(const std::string& aside, const std::string& path, const Object& object) {
    CISTERN_TRY(on_disk(disk_.make_folders(incoming())));
    CISTERN_TRY(on_disk(disk_.make_folders(folder_of(path))));
    CISTERN_TRY(auto there, on_disk(disk_.exists(path)));
    if (there) return false;
    CISTERN_TRY(on_disk(disk_.remove(aside)));
    CISTERN_TRY(auto file, on_disk(disk_.open(aside, Disk::Open::create)));
    file->write_past_cache();
    CISTERN_TRY(write_whole(*file, object));
    CISTERN_TRY(on_disk(file->truncate(object.size)));
    CISTERN_TRY(on_disk(file->sync()));
    return on_disk(disk_.link(aside, path));
  }

  // Writes an object's pieces one after the other; what came must be what was announced.
  Result<> write_whole(File& file, const Object& object) {
    uint32_t crc = 0;
    uint64_t size = 0;
    for (size_t i = 0; i < object.bytes->pieces(); ++i) {
      CISTERN_TRY(auto piece, object.bytes->piece(i));
      const std::string_view bytes = piece->view();
      CISTERN_TRY(on_disk(file.write_at(size, std::span(&bytes, 1))));
      crc = crc32c(bytes, crc);
      size += bytes.size();
    }
    if (size == object.size && crc == object.checksums.crc32c) return ok();
    return fatal("the bytes of " + object.key + " are not those that were announced: nothing was stored");
  }

  Result<PutOutcome> whose(const std::string& path, const Object& object) {
    CISTERN_TRY(auto file, on_disk(disk_.open(path, Disk::Open::read)));
    CISTERN_TRY(auto same, same_bytes(*file, object));
    if (same) return PutOutcome::already_ours;
    const Identity identity = identity_in(path);
    const bool our_name = identity.journal_id == object.journal_id && identity.sequence == object.sequence;
    if (identity.journal_id.empty() || !our_name) return PutOutcome::taken;
    CISTERN_TRY(same, same_lines(*file, object));
    return same ? PutOutcome::already_ours : PutOutcome::taken;
  }

  Result<bool> same_bytes(const File& file, const Object& object) const {
    CISTERN_TRY(auto size, on_disk(file.size()));
    if (size != object.size) return false;
    Buffer scratch;
    scratch.resize(kReadBytes);
    uint64_t at = 0;
    for (size_t i = 0; i < object.bytes->pieces(); ++i) {
      CISTERN_TRY(auto piece, object.bytes->piece(i));
      for (std::string_view left = piece->view(); !left.empty();) {
        CISTERN_TRY(auto got, on_disk(file.read_at(at, scratch.data(), std::min(left.size(), kReadBytes))));
        if (got == 0 || scratch.view().substr(0, got) != left.substr(0, got)) return false;
        left.remove_prefix(got);
        at += got;
      }
    }
    return true;
  }

  // Of a whole only the number of its lines is known.
  Result<bool> same_lines(const File& file, const Object& object) {
    CISTERN_TRY(auto there, on_disk(lines_of(file)));
    if (!there) return false;
    if (object.whole && there->lines == object.whole->events) return true;
    CISTERN_TRY(auto ours, lines_of(*object.bytes));
    return ours && *ours == *there;
  }

  Result<std::optional<ObjectInfo>> head_now(const std::string& key) {
    CISTERN_TRY(auto path, path_of(key));
    CISTERN_TRY(auto there, on_disk(disk_.exists(path)));
    if (!there) return std::optional<ObjectInfo>();
    CISTERN_TRY(auto file, on_disk(disk_.open(path, Disk::Open::read)));
    CISTERN_TRY(auto size, on_disk(file->size()));
    Identity identity = identity_in(path);
    return std::optional<ObjectInfo>({size, std::move(identity.journal_id), identity.sequence});
  }

  Result<Buffer> get_now(const std::string& key) {
    CISTERN_TRY(auto path, path_of(key));
    CISTERN_TRY(auto there, on_disk(disk_.exists(path)));
    if (!there) return invalid("there is no object " + key);
    CISTERN_TRY(auto file, on_disk(disk_.open(path, Disk::Open::read)));
    CISTERN_TRY(auto size, on_disk(file->size()));
    Buffer bytes;
    bytes.resize(size);
    CISTERN_TRY(auto got, on_disk(file->read_at(0, bytes.data(), size)));
    bytes.resize(got);
    return bytes;
  }

  // An error of the disk, whatever it was, is an operator's to mend.
  template <class T>
  Result<T> on_disk(Result<T> result) const {
    if (result) return result;
    const std::string advice = result.error().kind == ErrorKind::busy
                                   ? "make room in the file system of " + root_
                                   : "look at the folder " + root_ + " and its permissions";
    return fatal(result.error().what + ": " + advice + "; the data is kept and tried again");
  }

  // Writes, syncs and removes a file in the root, or in the nearest folder above it that is there.
  Result<std::string> check_now() {
    CISTERN_TRY(auto folder, nearest_folder());
    const std::string probe = folder + "/.cistern-check";
    auto written = on_disk(write_probe(probe));
    const auto removed = on_disk(disk_.remove(probe));
    CISTERN_TRY(std::move(written));
    CISTERN_TRY(removed);
    CISTERN_TRY(auto free, on_disk(disk_.free_bytes(folder)));
    const std::string room = std::to_string(free >> 20) + " MiB free";
    if (folder == root_) return "folder " + root_ + " can be written, " + room;
    return "folder " + root_ + " is made with the first object; " + folder + " can be written, " + room;
  }

  Result<> write_probe(const std::string& probe) {
    CISTERN_TRY(disk_.remove(probe));
    CISTERN_TRY(auto file, disk_.open(probe, Disk::Open::create));
    const std::string_view text = "cistern check\n";
    CISTERN_TRY(file->write_at(0, std::span(&text, 1)));
    return file->sync();
  }

  Result<std::string> nearest_folder() {
    std::string folder = root_;
    for (;;) {
      CISTERN_TRY(auto there, disk_.exists(folder));
      if (there) return folder;
      const size_t slash = folder.rfind('/');
      if (slash == std::string::npos) return std::string(".");
      folder.resize(std::max<size_t>(slash, 1));
    }
  }

  // Keys come from templates; one that would leave the root is a fault, and is refused.
  Result<std::string> path_of(const std::string& key) const {
    const std::string below = prefix_ + key;
    const auto parts = split(below, '/');
    const bool safe = std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
      return !part.empty() && part != "." && part != ".." && part.find('\0') == std::string_view::npos;
    });
    if (safe && parts.front() != kIncoming) return root_ + "/" + below;
    return fatal("the key \"" + below +
                 "\" is no path below a folder: look at store.prefix and partition.key");
  }

  std::string incoming() const { return root_ + "/" + kIncoming; }

  bool claim(const std::string& aside) {
    const std::lock_guard lock(mutex_);
    return under_way_.insert(aside).second;
  }
  void release(const std::string& aside) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(aside);
  }

  const std::string root_;
  const std::string prefix_;
  Disk& disk_;
  const asio::any_io_executor workers_;
  std::mutex mutex_;
  std::set<std::string> under_way_;  // names aside that are being written
};

}  // namespace

std::unique_ptr<ObjectStore> make_file_store(FileStoreOptions options, Disk& disk,
                                             asio::any_io_executor workers) {
  while (options.root.size() > 1 && options.root.back() == '/') options.root.pop_back();
  return std::make_unique<FileStore>(std::move(options), disk, std::move(workers));
}

}  // namespace cistern

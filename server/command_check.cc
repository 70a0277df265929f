// See command_check.h.
#include "server/command_check.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ostream>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/utc_time.h"
#include "server/access_key_source.h"
#include "server/certificate_facts.h"
#include "server/config/printer.h"
#include "server/exit_codes.h"
#include "server/socket_address.h"
#include "server/storage_class_notes.h"

namespace cistern {
namespace {

std::string system_reason() { return std::strerror(errno); }

Result<> try_listen(const Endpoint& endpoint) {
  auto address = socket_address(endpoint);
  int fd = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return invalid(system_reason());
  int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  bool listens = ::bind(fd, address.get(), address.length) == 0 && ::listen(fd, 1) == 0;
  auto reason = system_reason();
  ::close(fd);
  if (!listens) return invalid(reason);
  return ok();
}

class Check {
 public:
  Check(const Config& config, const CheckDoors& doors, std::ostream& out)
      : config_(config), doors_(doors), out_(out) {}

  int run() {
    certificate();
    access_keys();
    journal();
    try_door("credentials", doors_.credentials);
    try_door("store", doors_.store);
    for (const std::string& text : storage_class_notes(config_)) note("store", text);
    port("listen", config_.server.listen);
    if (config_.metrics_listen) port("metrics.listen", *config_.metrics_listen);
    return failed_ ? kExitFailed : kExitOk;
  }

 private:
  void tell(const char* verdict, const std::string& what, const std::string& text) {
    failed_ = failed_ || std::string_view(verdict) == "FAILED";
    out_ << verdict << "  " << what << ": " << text << "\n";
  }
  void good(const std::string& what, const std::string& text) { tell("ok    ", what, text); }
  void note(const std::string& what, const std::string& text) { tell("note  ", what, text); }
  void bad(const std::string& what, const std::string& text) { tell("FAILED", what, text); }

  void certificate() {
    if (config_.tls.off)
      return note("tls", "off: deliveries come in unencrypted, unless a load balancer ends TLS");
    auto tls = Tls::load(config_.tls);
    if (!tls) return bad("tls", tls.error().what);
    auto f = certificate_facts(*tls.value()->context());
    auto until = "valid until " + utc_seconds(f.valid_until_ms);
    if (doors_.now_ms > f.valid_until_ms) return bad("tls", "the certificate has expired: " + until);
    if (doors_.now_ms < f.valid_from_ms)
      return bad("tls", "the certificate is not valid before " + utc_seconds(f.valid_from_ms));
    auto names = f.names.empty() ? " (no host names in it: clients will refuse it)" : " for " + f.names;
    good("tls", "certificate and private key match, " + until + names);
    if (doors_.now_ms + 14 * kDay > f.valid_until_ms)
      note("tls", "the certificate expires in less than 14 days");
    private_key_mode();
  }

  void private_key_mode() {
    struct stat status {};
    if (::stat(config_.tls.private_key.c_str(), &status) == 0 && (status.st_mode & (S_IROTH | S_IWOTH)) != 0)
      note("tls", config_.tls.private_key + " can be read or written by every user of this machine");
  }

  void access_keys() {
    if (config_.access_keys_none) return note("access keys", "none: whoever reaches the port may send");
    auto source = AccessKeySource::load(false, config_.access_keys);
    if (!source) return bad("access keys", source.error().what);
    std::vector<std::string> names;
    for (const auto& key : config_.access_keys) names.push_back(key.name);
    good("access keys", "can be read: " + join_list(names));
  }

  void journal() {
    auto found = try_journal(config_.journal.path);
    if (!found) return bad("journal", found.error().what);
    good("journal", found.value());
    auto free = doors_.disk.free_bytes(existing_part(config_.journal.path));
    if (free && free.value() < config_.journal.min_free_bytes + config_.journal.segment_bytes)
      bad("journal", print_size(free.value()) + " free: too little with journal.min_free_bytes " +
                         print_size(config_.journal.min_free_bytes));
    else if (free && free.value() < config_.journal.max_bytes)
      note("journal", "less space is free (" + print_size(free.value() / MiB * MiB) +
                          ") than journal.max_bytes (" + print_size(config_.journal.max_bytes) + ")");
  }

  Result<std::string> try_journal(const std::string& folder) {
    CISTERN_TRY(bool there, doors_.disk.exists(folder));
    if (!there) {
      auto parent = existing_part(folder);
      if (::access(parent.c_str(), W_OK | X_OK) != 0)
        return invalid(folder + ": is not there and cannot be made in " + parent + ": " + system_reason());
      return folder + " will be made";
    }
    CISTERN_TRY(try_write(folder + "/check-" + std::to_string(::getpid())));
    // Only a lock that someone has made can be held; making it is the journal's.
    CISTERN_TRY(bool was_locked, doors_.disk.exists(folder + "/lock"));
    if (was_locked) {
      CISTERN_TRY(auto held, doors_.disk.lock(folder + "/lock"));
      held.reset();
    }
    return folder + " can be written and is not in use";
  }

  Result<> try_write(const std::string& path) {
    auto written = write_and_sync(path);
    auto removed = doors_.disk.remove(path);
    CISTERN_TRY(std::move(written));
    return removed;
  }

  Result<> write_and_sync(const std::string& path) {
    CISTERN_TRY(auto file, doors_.disk.open(path, Disk::Open::create));
    std::array<std::string_view, 1> pieces{"cistern check\n"};
    CISTERN_TRY(file->write_at(0, pieces));
    return file->sync();
  }

  // The longest part of a path that exists.
  std::string existing_part(std::string path) {
    while (true) {
      auto there = doors_.disk.exists(path);
      if (there && there.value()) return path;
      auto slash = path.rfind('/');
      if (slash == std::string::npos) return ".";
      if (slash == 0) return "/";
      path.resize(slash);
    }
  }

  void try_door(const char* what, const std::function<Result<std::string>()>& door) {
    if (!door) return;
    auto found = door();
    found ? good(what, found.value()) : bad(what, found.error().what);
  }

  void port(const std::string& what, const Endpoint& endpoint) {
    auto free = try_listen(endpoint);
    auto text = print_endpoint(endpoint);
    free ? good(what, text + " is free") : bad(what, text + ": " + free.error().what);
  }

  const Config& config_;
  const CheckDoors& doors_;
  std::ostream& out_;
  bool failed_ = false;
};

}  // namespace

void print_effective_config(const LoadedConfig& loaded, std::ostream& out) {
  out << "# From " << loaded.source << "\n" << print_config(loaded.config);
}

int run_check(const LoadedConfig& loaded, const CheckDoors& doors, std::ostream& out) {
  print_effective_config(loaded, out);
  out << "\n";
  return Check(loaded.config, doors, out).run();
}

}  // namespace cistern

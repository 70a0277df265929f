// See command_init.h.
#include "server/command_init.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <ostream>
#include <vector>

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "pipeline/digest.h"
#include "pipeline/error_codes.h"
#include "pipeline/result.h"
#include "server/config/commented.h"
#include "server/exit_codes.h"
#include "server/self_signed.h"

namespace cistern {
namespace {

constexpr const char* kInitAfter = R"(
Writes cistern.yaml (what differs from the defaults, and all other settings commented out), cert.pem and key.pem
(self-signed, for localhost), and access-key (random). No file is ever replaced.

Example:
  cistern init try && cistern serve --config try/cistern.yaml)";

struct NewFile {
  std::string path;
  std::string text;
  mode_t mode;
};

Error system_error(const std::string& path) {
  return fatal(path + ": " + std::generic_category().message(errno));
}

Result<> write_new(const NewFile& file) {
  const int fd = ::open(file.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file.mode);
  if (fd < 0) return system_error(file.path);
  const bool written =
      ::write(fd, file.text.data(), file.text.size()) == static_cast<ssize_t>(file.text.size());
  const Error why = system_error(file.path);
  ::close(fd);
  return written ? Result<>(ok()) : why;
}

Result<std::string> random_key() {
  std::array<uint8_t, 32> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return fatal("OpenSSL has no random bytes");
  return hex(bytes);
}

// For a first try: this machine only, and objects after seconds.
Config first_config(const std::string& folder) {
  Config config;
  config.server.listen = {"127.0.0.1", 8443};
  config.tls = {false, folder + "/cert.pem", folder + "/key.pem"};
  config.access_keys = {{"firehose", "", folder + "/access-key"}};
  config.journal.path = folder + "/journal";
  config.store.path = folder + "/archive";
  config.partition.flush_age_ms = 5'000;
  config.partition.late_flush_age_ms = 5'000;
  return config;
}

constexpr const char* kConfigHead =
    "# Made by `cistern init` for a first try. For the real one: listen on 0.0.0.0:8443 with a certificate "
    "of a\n"
    "# public authority, store into a bucket, and take the two flush ages away. `cistern check` tries "
    "it.\n\n";

Result<std::vector<NewFile>> make_files(const std::string& folder, int64_t wall_ms) {
  CISTERN_TRY(auto tls, make_self_signed(wall_ms));
  CISTERN_TRY(auto key, random_key());
  return std::vector<NewFile>{
      {folder + "/cistern.yaml",
       kConfigHead + commented_config(first_config(folder), Defaults::commented_out), 0644},
      {folder + "/cert.pem", tls.certificate, 0644},
      {folder + "/key.pem", tls.private_key, 0600},
      {folder + "/access-key", key + "\n", 0600}};
}

// All or none, as far as one can see beforehand.
Result<> write_all(const std::vector<NewFile>& files) {
  for (const NewFile& file : files)
    if (::access(file.path.c_str(), F_OK) == 0)
      return fatal(file.path + ": is there already; choose another folder, or move it away");
  for (const NewFile& file : files) {
    CISTERN_TRY(write_new(file));
  }
  return ok();
}

Result<std::string> init(const std::string& wanted, int64_t wall_ms) {
  std::error_code failed;
  const auto path = std::filesystem::absolute(wanted, failed).lexically_normal();
  std::string folder = path.string();
  if (folder.size() > 1 && folder.ends_with("/")) folder.pop_back();
  if (!is_printable(folder)) return fatal("the folder's name must be printable text");
  std::filesystem::create_directories(folder, failed);
  if (failed) return fatal(folder + ": " + failed.message());
  CISTERN_TRY(auto files, make_files(folder, wall_ms));
  CISTERN_TRY(write_all(files));
  return folder;
}

}  // namespace

void add_init_options(CLI::App& init, InitCommand& command) {
  init.footer(kInitAfter);
  init.add_option("FOLDER", command.folder, "Where to; made if it is not there")->capture_default_str();
}

int run_init(const InitCommand& command, int64_t wall_ms, std::ostream& out, std::ostream& errors) {
  const auto done = init(command.folder, wall_ms);
  if (!done) {
    errors << "cistern init: " << coded("init_failed", done.error().what) << "\n";
    return kExitFailed;
  }
  const std::string& folder = done.value();
  out << "cistern.yaml, cert.pem, key.pem and access-key are in " << folder << ". Now, in two terminals:\n"
      << "  cistern serve --config " << folder << "/cistern.yaml\n"
      << "  cistern send --url https://127.0.0.1:8443/ --ca " << folder << "/cert.pem --access-key-file "
      << folder << "/access-key\n"
      << "and five seconds later, the archive: " << folder << "/archive\n";
  return kExitOk;
}

}  // namespace cistern

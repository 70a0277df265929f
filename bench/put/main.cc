// What a put costs: objects of random bytes, digested as the uploader digests them and sent by the store's
// own client to whatever answers 200. Prints JSON: gigabytes, CPU seconds of the whole process for each, and
// what each checksum alone takes for one.
//
//   bench-put --url https://127.0.0.1:9443 --ca cert.pem --seconds 5

#include <cstdio>
#include <iostream>
#include <random>

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "bench/deliveries/cpu_time.h"
#include "pipeline/call_on.h"
#include "pipeline/digest.h"
#include "server/make_store.h"

namespace cistern {
namespace {

namespace asio = boost::asio;

constexpr size_t kPieceBytes = 256 << 10;  // a frame's usual size
constexpr size_t kPieces = 256;            // of an object: 64 MiB, the default of partition.flush_size
constexpr size_t kDistinct = 64;

struct PutOptions {
  std::string url;
  std::string ca_file;
  std::string checksum = "crc32c";
  double seconds = 5;
  uint64_t at_once = 4;
};

struct Used {
  double all;
  double kernel;
};

// CPU seconds of the process so far.
Used cpu_used() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  const double kernel = seconds(used.ru_stime);
  return {seconds(used.ru_utime) + kernel, kernel};
}

// The same few pieces of random bytes, again and again.
class RandomPieces : public ObjectBytes {
 public:
  RandomPieces() {
    std::mt19937_64 random(20130524);
    for (size_t i = 0; i < kDistinct; ++i) {
      auto piece = std::make_shared<Buffer>();
      for (size_t at = 0; at < kPieceBytes; at += sizeof(uint64_t)) {
        const uint64_t word = random();
        piece->append({reinterpret_cast<const char*>(&word), sizeof word});
      }
      distinct_.push_back(std::move(piece));
    }
  }
  size_t pieces() const override { return kPieces; }
  Result<std::shared_ptr<const Buffer>> piece(size_t index) const override {
    return distinct_[index % kDistinct];
  }
  std::string_view distinct(size_t index) const { return distinct_[index % kDistinct]->view(); }

 private:
  std::vector<std::shared_ptr<const Buffer>> distinct_;
};

class Puts {
 public:
  explicit Puts(const PutOptions& options) : options_(options) {}

  Result<nlohmann::json> run() {
    StoreConfig config;
    config.type = "s3";
    config.bucket = "bench";
    config.endpoint = options_.url;
    config.ca_file = options_.ca_file;
    config.access_key_id = "AKID";
    config.secret_access_key = std::string_view("secret");
    config.object.checksum = options_.checksum == "none" ? "" : options_.checksum;
    CISTERN_TRY(store_, make_store(config, *disk_, runtime_));
    end_ns_ = runtime_.steady_ns() + static_cast<int64_t>(options_.seconds * 1e9);
    const Used before = cpu_used();
    for (left_ = 0; left_ < options_.at_once; ++left_)
      asio::co_spawn(runtime_.io(), one_after_the_other(), asio::detached);
    runtime_.run();
    if (failed_) return *failed_;
    const Used after = cpu_used();
    const double gigabytes = static_cast<double>(objects_ * kPieces * kPieceBytes) / 1e9;
    return nlohmann::json{{"gb", gigabytes},
                          {"cpu_seconds_per_gb", (after.all - before.all) / gigabytes},
                          {"kernel_seconds_per_gb", (after.kernel - before.kernel) / gigabytes}};
  }

 private:
  asio::awaitable<void> one_after_the_other() {
    do {
      const auto build = [this] { return std::make_shared<const Object>(object()); };
      auto built = co_await call_on(runtime_.store(), build);
      const auto stored = co_await store_->put(std::move(built));
      if (!stored) failed_ = stored.error();
      ++objects_;
    } while (!failed_ && runtime_.steady_ns() < end_ns_);
    if (--left_ == 0) runtime_.stop();
  }

  Object object() const {
    Object object;
    DigestStream digest(DigestKind::sha256);
    ChecksumStream checksums(store_->checksums_wanted());
    for (size_t i = 0; i < kPieces; ++i) {
      digest.update(bytes_->distinct(i));
      checksums.update(bytes_->distinct(i));
    }
    object.key = "object.gz";
    object.journal_id = "5f1c9a0b7e42";
    object.size = kPieces * kPieceBytes;
    object.digest = digest.finish();
    object.checksums = checksums.finish();
    object.bytes = bytes_;
    return object;
  }

  const PutOptions& options_;
  const std::unique_ptr<Disk> disk_ = make_posix_disk();
  Runtime runtime_{RuntimeConfig{1, 1, 0}};
  const std::shared_ptr<const RandomPieces> bytes_ = std::make_shared<RandomPieces>();
  std::unique_ptr<ObjectStore> store_;
  int64_t end_ns_ = 0;
  uint64_t objects_ = 0;
  uint64_t left_ = 0;
  std::optional<Error> failed_;
};

// CPU seconds for a gigabyte of each.
nlohmann::json checksum_costs() {
  const RandomPieces bytes;
  const auto passing = [&bytes](const std::function<void(std::string_view)>& pass) {
    return [&bytes, pass] {
      for (size_t i = 0; i < kDistinct; ++i) pass(bytes.distinct(i));
      return static_cast<double>(kDistinct * kPieceBytes);
    };
  };
  uint64_t sink = 0;
  const auto sum = [&sink](uint64_t value) { sink ^= value; };
  const std::vector<Contender> contenders{
      {"sha256", passing([&](std::string_view piece) { sum(sha256(piece)[0]); })},
      {"crc32c", passing([&](std::string_view piece) { sum(crc32c(piece)); })},
      {"crc64nvme", passing([&](std::string_view piece) { sum(crc64nvme(piece)); })},
  };
  nlohmann::json costs;
  for (const Speed& speed : in_turns(contenders, 5, 0.1))
    costs[speed.name] = 1e9 / speed.bytes_per_cpu_second;
  costs["sink"] = sink & 1;  // so that none is left out as needless
  return costs;
}

int put(const PutOptions& options) {
  Puts puts(options);
  auto figures = puts.run();
  if (!figures) {
    std::fprintf(stderr, "bench-put: %s\n", figures.error().what.c_str());
    return 1;
  }
  figures.value()["checksum_seconds_per_gb"] = checksum_costs();
  std::cout << figures.value().dump() << std::endl;
  return 0;
}

}  // namespace
}  // namespace cistern

int main(int argc, char** argv) {
  CLI::App command("Puts objects and says what it costs");
  cistern::PutOptions options;
  command.add_option("--url", options.url, "Where to: https://host:port")->required();
  command.add_option("--ca", options.ca_file, "PEM file of the certificate to trust");
  command.add_option("--checksum", options.checksum, "crc32c, crc64nvme or none")->capture_default_str();
  command.add_option("--seconds", options.seconds, "How long")->capture_default_str();
  command.add_option("--at-once", options.at_once, "Puts under way at once")->capture_default_str();
  CLI11_PARSE(command, argc, argv);
  return cistern::put(options);
}

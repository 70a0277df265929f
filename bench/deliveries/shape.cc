#include "bench/deliveries/shape.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <CLI/CLI.hpp>

#include "bench/deliveries/shaped_lines.h"

namespace cistern {
namespace {

// Of every run: a benchmark's input is to be the same the next time.
constexpr uint64_t kSeed = 1;

Result<std::unique_ptr<LogLines>> corpus_lines(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".log") paths.push_back(entry.path().string());
  }
  if (error || paths.empty()) return invalid("--corpus: no *.log files in '" + folder + "'");
  std::sort(paths.begin(), paths.end());
  return FileLines::open(std::move(paths), true);
}

}  // namespace

void add_shape_options(CLI::App& command, Shape& shape) {
  SendOptions& send = shape.send;
  send.events_per_record = 100;
  send.records_per_delivery = 80;
  send.size = 64ull << 20;
  send.seed = kSeed;
  command.add_option("--lines", shape.lines, "mixed, json, traces, tiny or noise")->capture_default_str();
  command.add_option("--corpus", shape.corpus, "Folder with *.log files, instead of lines made here");
  command.add_option("--distinct", shape.distinct, "Deliveries made beforehand")->capture_default_str();
  command.add_option("--events", send.events_per_record, "Log events in a record")->capture_default_str();
  command.add_option("--records", send.records_per_delivery, "Records in a delivery")->capture_default_str();
  command.add_option("--size", send.size, "End a delivery once its body has this size")
      ->transform(CLI::AsSizeValue(false));
  command.add_option("--late", send.late, "Fraction of records with events up to 14 days old");
  command.add_option("--hours", send.spread_hours, "Spread each record's events over so many hours");
  command.add_option("--control", send.control, "Fraction of records that are control messages");
}

Result<std::vector<std::shared_ptr<const SendDelivery>>> make_deliveries(const Shape& shape, int64_t now_ms) {
  CISTERN_TRY(auto lines,
              shape.corpus.empty() ? shaped_lines(shape.lines, kSeed) : corpus_lines(shape.corpus));
  DeliveryWriter writer(shape.send, *lines, static_cast<uint64_t>(now_ms));
  std::vector<std::shared_ptr<const SendDelivery>> made;
  while (made.size() < shape.distinct) made.push_back(writer.next(now_ms));
  return made;
}

int64_t wall_clock_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace cistern

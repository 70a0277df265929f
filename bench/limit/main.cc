// The limit of this machine, beside which the service is read: log MB per CPU second of the whole pipeline in
// memory by compression level, and what the doors cost beside it; one line of JSON. See limit_pipeline.h,
// doors.h.
//
//   bench-limit --rounds 3 --lines json --certificate cert.pem --key key.pem --folder /var/tmp

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/deliveries/cpu_time.h"
#include "bench/deliveries/shape.h"
#include "bench/limit/doors.h"
#include "bench/limit/limit_pipeline.h"

namespace cistern {
namespace {

using Deliveries = std::vector<std::shared_ptr<const SendDelivery>>;

struct Options {
  Shape shape;
  int rounds = 3;
  double seconds = 1;
  std::string certificate, key, folder;
  std::vector<std::string> whole;
};

struct Codec {
  const char* name;
  LimitCodecs codecs;
};
constexpr Level kFastest{Level::kFastest};
constexpr Codec kCodecs[] = {{"6", {Level{6}}},
                             {"1", {Level{1}}},
                             {"fastest", {kFastest}},
                             {"none", {std::nullopt}},
                             {"6, inflating as the service", {Level{6}, By::service}},
                             {"fastest, inflating as the service", {kFastest, By::service}},
                             {"fastest, as the service", {kFastest, By::service, By::service}}};

// Deliveries that a sync of the journal is shared by, about as many as in the service under full load.
constexpr uint64_t kGroup = 2;

struct Totals {
  uint64_t events = 0, log_bytes = 0, body_bytes = 0;
};

Totals totals_of(const Deliveries& deliveries) {
  Totals totals;
  for (const auto& delivery : deliveries) {
    totals.events += delivery->events;
    totals.log_bytes += delivery->log_bytes;
    totals.body_bytes += delivery->body.size();
  }
  return totals;
}

Result<nlohmann::json> pipelines(const Options& options, const Deliveries& deliveries, const Totals& totals) {
  std::vector<std::unique_ptr<LimitPipeline>> made;
  std::vector<Contender> contenders;
  nlohmann::json figures;
  for (const Codec& codec : kCodecs) {
    LimitPipeline& pipeline = *made.emplace_back(std::make_unique<LimitPipeline>(codec.codecs));
    contenders.push_back({codec.name, [&pipeline, &deliveries, &totals] {
                            for (const auto& delivery : deliveries) pipeline.take(delivery->body);
                            return static_cast<double>(totals.log_bytes);
                          }});
    contenders.back().run();
    if (pipeline.lines() != totals.events) {
      return fatal("made " + std::to_string(pipeline.lines()) + " lines of " + std::to_string(totals.events) +
                   " events");
    }
    figures["object_bytes"][codec.name] = pipeline.finish();
  }
  for (const Speed& speed : in_turns(contenders, options.rounds, options.seconds)) {
    figures["log_mb_per_cpu_second"][speed.name] = speed.bytes_per_cpu_second / 1e6;
  }
  return figures;
}

// In CPU ns per log byte, so that they add up with a pipeline's.
Result<> doors(const Options& options, const Deliveries& deliveries, const Totals& totals,
               nlohmann::json& figures) {
  const auto log_bytes = static_cast<double>(totals.log_bytes);
  if (!options.certificate.empty()) {
    const std::string_view body = deliveries.front()->body;
    const int times = static_cast<int>((size_t{128} << 20) / body.size()) + 1;
    CISTERN_TRY(const double cost, tls_receive_cost(body, times, options.certificate, options.key));
    figures["tls_ns_per_log_byte"] = 1e9 * cost * static_cast<double>(totals.body_bytes) / log_bytes;
  }
  if (options.folder.empty()) return ok();
  for (const Codec& codec : kCodecs) {
    if (codec.codecs.inflating != By::libraries) continue;
    const auto bytes = figures["object_bytes"][codec.name].get<uint64_t>();
    const uint64_t group = std::max<uint64_t>(kGroup * bytes / deliveries.size(), 1);
    const int times = static_cast<int>((size_t{32} << 20) / group) + 1;
    CISTERN_TRY(const double cost, disk_cost(options.folder, group, std::min(times, 200)));
    figures["disk_ns_per_log_byte"][codec.name] = 1e9 * cost * static_cast<double>(bytes) / log_bytes;
  }
  return ok();
}

// How many bytes level 6 makes of an object's lines when it sees all of them at once, over all objects.
Result<nlohmann::json> compress_whole(const std::vector<std::string>& paths) {
  Gunzip gunzip;
  Gzip gzip;
  uint64_t bytes = 0;
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    const std::string object{std::istreambuf_iterator<char>(file), {}};
    Buffer lines, member;
    CISTERN_TRY(gunzip.run(object, uint64_t{1} << 36, lines));
    gzip.run(lines.view(), Level{6}, member);
    bytes += member.size();
  }
  return nlohmann::json{{"whole_bytes", bytes}};
}

Result<nlohmann::json> measure(const Options& options) {
  if (!options.whole.empty()) return compress_whole(options.whole);
  CISTERN_TRY(const auto deliveries, make_deliveries(options.shape, wall_clock_ms()));
  const Totals totals = totals_of(deliveries);
  CISTERN_TRY(auto figures, pipelines(options, deliveries, totals));
  CISTERN_TRY(doors(options, deliveries, totals, figures));
  figures["events"] = totals.events;
  figures["log_bytes"] = totals.log_bytes;
  figures["body_bytes"] = totals.body_bytes;
  return figures;
}

int run(const Options& options) {
  const auto figures = measure(options);
  if (!figures) {
    std::fprintf(stderr, "bench-limit: %s\n", figures.error().what.c_str());
    return 1;
  }
  std::cout << figures.value().dump() << std::endl;
  return 0;
}

}  // namespace
}  // namespace cistern

int main(int argc, char** argv) {
  CLI::App command("Measures the fastest pipeline there could be");
  cistern::Options options;
  cistern::add_shape_options(command, options.shape);
  command.add_option("--rounds", options.rounds, "Turns")->capture_default_str();
  command.add_option("--seconds", options.seconds, "CPU seconds of a turn")->capture_default_str();
  command.add_option("--certificate", options.certificate, "PEM file: measures receiving over TLS");
  command.add_option("--key", options.key, "PEM file: its private key");
  command.add_option("--folder", options.folder, "On the journal's disk: measures writing there");
  command.add_option("--whole", options.whole,
                     "Objects: tells their size were each one gzip member of level 6");
  CLI11_PARSE(command, argc, argv);
  return cistern::run(options);
}

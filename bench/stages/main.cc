// Every stage of the data path alone, beside the limit's and an ordinary one: CPU ns per log byte, so that
// stages add up to a pipeline. Google Benchmark's options, and those of a shape:
//
//   bench-stages --lines json --benchmark_filter=envelope --benchmark_repetitions=5

#include <cstdio>

#include <benchmark/benchmark.h>

#include <CLI/CLI.hpp>

#include "bench/limit/envelope_scan.h"
#include "bench/limit/libdeflate_gunzip.h"
#include "bench/limit/limit_pipeline.h"
#include "bench/stages/journal_stage.h"
#include "bench/stages/material.h"
#include "handlers/delivery_parser.h"
#include "pipeline/decode/envelope_parser.h"
#include "pipeline/decode/frame_builder.h"
#include "pipeline/decode/usual_envelope.h"
#include "pipeline/digest.h"

namespace cistern {
namespace {

using benchmark::State;

// One pass over the material an iteration.
template <class Pass>
void stage(const std::string& name, const Material& material, Pass pass) {
  benchmark::RegisterBenchmark(name.c_str(), [&material, pass](State& state) mutable {
    for ([[maybe_unused]] auto _ : state) pass();
    using Counter = benchmark::Counter;
    state.counters["ns_per_log_byte"] = Counter(static_cast<double>(material.log_bytes) * 1e-9,
                                                Counter::kIsIterationInvariantRate | Counter::kInvert);
  });
}

void body_stages(const Material& material) {
  const double share =
      static_cast<double>(material.deliveries.front()->log_bytes) / static_cast<double>(material.log_bytes);
  stage("outer_gunzip/service (one of " + std::to_string(static_cast<int>(1 / share)) + " bodies)", material,
        [&, gunzip = std::make_shared<Gunzip>(), out = std::make_shared<Buffer>()] {
          out->clear();
          benchmark::DoNotOptimize(gunzip->run(material.gzip_body.view(), uint64_t{1} << 32, *out));
        });
  stage("delivery/service", material, [&, parser = std::make_shared<DeliveryParser>()] {
    for (const auto& made : material.deliveries) {
      Delivery delivery;
      delivery.request_id = made->request_id;
      delivery.body.append(made->body);
      benchmark::DoNotOptimize(parser->parse(delivery, 20'000));
    }
  });
  stage("base64/service", material, [&, out = std::make_shared<Buffer>()] {
    for (const std::string& text : material.base64) {
      out->clear();
      benchmark::DoNotOptimize(base64_decode(text, *out));
    }
  });
}

void record_stages(const Material& material) {
  stage("identity/service", material, [&] {
    for (const Buffer& datum : material.datums) benchmark::DoNotOptimize(digest128(datum.view(), 1));
  });
  stage("record_gunzip/service", material,
        [&, gunzip = std::make_shared<Gunzip>(), out = std::make_shared<Buffer>()] {
          for (const Buffer& datum : material.datums) {
            out->clear();
            benchmark::DoNotOptimize(gunzip->run(datum.view(), uint64_t{1} << 32, *out));
          }
        });
  stage("record_gunzip/limit", material,
        [&, gunzip = std::make_shared<LibdeflateGunzip>(), out = std::make_shared<Buffer>()] {
          for (const Buffer& datum : material.datums) {
            benchmark::DoNotOptimize(gunzip->run(datum.view(), *out));
          }
        });
}

// `tail` a space: the short cut does not take it, and the walk reads it.
void read_envelopes(const std::vector<Buffer>& logs, EnvelopeParser& parser, std::vector<LogEvent>& events) {
  Envelope envelope;
  for (const Buffer& log : logs) {
    events.clear();
    benchmark::DoNotOptimize(parser.parse(log.view(), 1'000'000, envelope, events));
  }
}

void envelope_stages(const Material& material, const std::vector<Buffer>& unusual) {
  struct Scratch {
    EnvelopeParser parser{64};
    std::vector<LogEvent> events;
  };
  auto scratch = std::make_shared<Scratch>();
  stage("envelope/service", material,
        [&, scratch] { read_envelopes(material.logs, scratch->parser, scratch->events); });
  stage("envelope/service, by the walk", material,
        [&, scratch] { read_envelopes(unusual, scratch->parser, scratch->events); });
  stage("envelope/limit", material, [&] {
    for (const Buffer& log : material.logs) {
      EnvelopeScan scan(log.view());
      ScannedEvent event;
      if (scan.begin()) {
        while (scan.next(event)) benchmark::DoNotOptimize(event);
      }
    }
  });
}

void line_stages(const Material& material) {
  const auto format = std::make_shared<LineFormat>(
      LineFormat::parse({"timestamp", "id", "owner", "logGroup", "logStream", "message"}, EventId::full)
          .value());
  auto writer = std::make_shared<LineWriter>(*format);
  stage("envelope and lines/service", material,
        [&, format, writer, parser = std::make_shared<EnvelopeParser>(64), out = std::make_shared<Buffer>()] {
          std::vector<LogEvent> events;
          for (const Buffer& log : material.logs) {
            Envelope envelope;
            events.clear();
            out->clear();
            parser->parse(log.view(), 1'000'000, envelope, events);
            writer->begin(envelope, {});
            for (const LogEvent& event : events) writer->write(event, *out);
          }
        });
  stage("envelope and lines/limit", material, [&, out = std::make_shared<Buffer>()] {
    for (const Buffer& log : material.logs) {
      EnvelopeScan scan(log.view());
      ScannedEvent event;
      out->clear();
      if (!scan.begin()) continue;
      while (scan.next(event)) {
        append_line(event, R"(,"id":")", R"(","owner":"123456789012","logGroup":"/app/web","message":")",
                    *out);
      }
    }
  });
}

void frame_stages(const Material& material) {
  for (const int level : {Level::kFastest, 1, 6, 7, 9}) {
    const char* const whose = level == Level::kFastest ? "service" : "service and limit";
    stage(std::string("compress/") + whose + "/level " + std::to_string(level), material,
          [&, level, gzip = std::make_shared<Gzip>(), out = std::make_shared<Buffer>()] {
            for (const Buffer& lines : material.lines) {
              out->clear();
              gzip->run(lines.view(), Level{level}, *out);
            }
          });
  }
  stage("compress/limit/level " + std::to_string(Level::kFastest), material,
        [&, gzip = std::make_shared<FastestGzip>(), out = std::make_shared<Buffer>()] {
          for (const Buffer& lines : material.lines) {
            out->clear();
            gzip->run(lines.view(), *out);
          }
        });
  auto frames = std::make_shared<std::vector<Buffer>>();
  for (const Buffer& lines : material.lines) Gzip().run(lines.view(), Level{6}, frames->emplace_back());
  stage("journal checksum/service", material, [frames] {
    for (const Buffer& frame : *frames) benchmark::DoNotOptimize(crc32c(frame.view()));
  });
  stage("object SHA-256/service", material, [frames] {
    for (const Buffer& frame : *frames) benchmark::DoNotOptimize(sha256(frame.view()));
  });
}

// Process time: the journal works on a thread of its own. One frame a delivery.
void journal_stage(const Material& material, const std::string& folder) {
  benchmark::RegisterBenchmark("journal append and sync/service", [&material, folder](State& state) {
    JournalStage journal(folder);
    Buffer frame;
    Gzip().run(material.lines.front().view(), Level{6}, frame);
    for ([[maybe_unused]] auto _ : state) journal.append(frame.view());
    const double lines = static_cast<double>(material.lines.front().size());
    double all_lines = 0;
    for (const Buffer& each : material.lines) all_lines += static_cast<double>(each.size());
    using Counter = benchmark::Counter;
    state.counters["ns_per_log_byte"] =
        Counter(lines / all_lines * static_cast<double>(material.log_bytes) * 1e-9,
                Counter::kIsIterationInvariantRate | Counter::kInvert);
  })->MeasureProcessCPUTime();
}

int run(const Shape& shape, const std::string& folder) {
  const auto made = make_material(shape);
  if (!made) {
    std::fprintf(stderr, "bench-stages: %s\n", made.error().what.c_str());
    return 2;
  }
  const Material& material = made.value();
  std::vector<Buffer> unusual;
  for (const Buffer& log : material.logs) unusual.emplace_back(log.view()).append(' ');
  body_stages(material);
  record_stages(material);
  envelope_stages(material, unusual);
  line_stages(material);
  frame_stages(material);
  if (!folder.empty()) journal_stage(material, folder);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace cistern

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  CLI::App command("Measures every stage alone");
  cistern::Shape shape;
  std::string folder;
  cistern::add_shape_options(command, shape);
  command.add_option("--folder", folder, "On the journal's disk: measures appending too");
  CLI11_PARSE(command, argc, argv);
  return cistern::run(shape, folder);
}

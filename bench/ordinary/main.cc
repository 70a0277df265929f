// What an ordinary pipeline does on this machine: log MB per CPU second, as a line of JSON. See
// ordinary_pipeline.h.
//
//   bench-ordinary --rounds 3 --lines json

#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/deliveries/cpu_time.h"
#include "bench/deliveries/shape.h"
#include "bench/ordinary/ordinary_pipeline.h"

namespace cistern {
namespace {

int run(const Shape& shape, int rounds, double seconds) {
  const auto made = make_deliveries(shape, wall_clock_ms());
  if (!made) {
    std::fprintf(stderr, "bench-ordinary: %s\n", made.error().what.c_str());
    return 2;
  }
  OrdinaryPipeline pipeline;
  uint64_t events = 0, log_bytes = 0, object_bytes = 0;
  for (const auto& delivery : made.value()) {
    events += delivery->events;
    log_bytes += delivery->log_bytes;
  }
  const Contender all{"zlib-6", [&] {
                        for (const auto& delivery : made.value()) pipeline.take(delivery->body);
                        object_bytes = pipeline.finish();
                        return static_cast<double>(log_bytes);
                      }};
  all.run();
  if (pipeline.lines() != events) {
    std::fprintf(stderr, "bench-ordinary: made %llu lines of %llu events\n",
                 static_cast<unsigned long long>(pipeline.lines()), static_cast<unsigned long long>(events));
    return 1;
  }
  nlohmann::json figures = {{"log_bytes", log_bytes}, {"events", events}};
  for (const Speed& speed : in_turns({all}, rounds, seconds)) {
    figures["log_mb_per_cpu_second"][speed.name] = speed.bytes_per_cpu_second / 1e6;
    figures["object_bytes"][speed.name] = object_bytes;
  }
  std::cout << figures.dump() << std::endl;
  return 0;
}

}  // namespace
}  // namespace cistern

int main(int argc, char** argv) {
  CLI::App command("Measures an ordinary pipeline");
  cistern::Shape shape;
  int rounds = 3;
  double seconds = 1;
  cistern::add_shape_options(command, shape);
  command.add_option("--rounds", rounds, "Turns")->capture_default_str();
  command.add_option("--seconds", seconds, "CPU seconds of a turn")->capture_default_str();
  CLI11_PARSE(command, argc, argv);
  return cistern::run(shape, rounds, seconds);
}

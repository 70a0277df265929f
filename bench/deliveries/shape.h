// What the deliveries of a benchmark look like, and making them: the same options give every program of
// bench/ the same deliveries, but for event ids and times. Built from the parts of `cistern send`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/result.h"
#include "server/send/delivery_writer.h"

namespace CLI {
class App;
}

namespace cistern {

struct Shape {
  SendOptions send;             // events, records and bytes of a delivery; hours; control messages
  std::string lines = "mixed";  // or json, traces, tiny, noise: see shaped_lines.h
  std::string corpus;           // folder with *.log files, whose lines are taken instead; empty: none
  uint64_t distinct = 8;        // deliveries made beforehand
};

// Declares the options on `command`; parsing fills `shape`, which must outlive the command.
void add_shape_options(CLI::App& command, Shape& shape);

// `shape.distinct` deliveries without Content-Encoding, requested at `now_ms`. Errors `invalid`: no such
// lines, no corpus there.
Result<std::vector<std::shared_ptr<const SendDelivery>>> make_deliveries(const Shape& shape, int64_t now_ms);

int64_t wall_clock_ms();

}  // namespace cistern

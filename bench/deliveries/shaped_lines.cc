#include "bench/deliveries/shaped_lines.h"

#include <functional>
#include <string>
#include <utility>

#include "server/send/made_up_lines.h"
#include "server/send/send_rng.h"

namespace cistern {
namespace {

// Those of the made-up lines that are wanted.
class SomeLines : public LogLines {
 public:
  using Wanted = bool (*)(const std::string&);
  SomeLines(uint64_t seed, Wanted wanted) : all_(seed), wanted_(wanted) {}
  bool next(std::string& message) override {
    do {
      all_.next(message);
    } while (!wanted_(message));
    return true;
  }

 private:
  MadeUpLines all_;
  const Wanted wanted_;
};

class TinyLines : public LogLines {
 public:
  explicit TinyLines(uint64_t seed) : rng_(seed) {}
  bool next(std::string& message) override {
    message = "ok " + std::to_string(rng_.below(1000));
    return true;
  }

 private:
  SendRng rng_;
};

class NoiseLines : public LogLines {
 public:
  explicit NoiseLines(uint64_t seed) : rng_(seed) {}
  bool next(std::string& message) override {
    constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    message.resize(1024);
    uint64_t bits = 0;
    for (size_t i = 0; i < message.size(); ++i, bits >>= 6) {
      if (i % 10 == 0) bits = rng_.next();
      message[i] = digits[bits & 63];
    }
    return true;
  }

 private:
  SendRng rng_;
};

bool is_json(const std::string& line) { return line.starts_with('{'); }
bool is_trace(const std::string& line) { return line.ends_with('\n'); }

}  // namespace

Result<std::unique_ptr<LogLines>> shaped_lines(std::string_view kind, uint64_t seed) {
  using Lines = std::unique_ptr<LogLines>;
  if (kind == "mixed") return Lines(new MadeUpLines(seed));
  if (kind == "json") return Lines(new SomeLines(seed, is_json));
  if (kind == "traces") return Lines(new SomeLines(seed, is_trace));
  if (kind == "tiny") return Lines(new TinyLines(seed));
  if (kind == "noise") return Lines(new NoiseLines(seed));
  return invalid("--lines: mixed, json, traces, tiny or noise");
}

}  // namespace cistern

// Plausible log messages without end: application logs, JSON logs, access logs and stack traces, in the mix
// and with the redundancy of real ones.
#pragma once

#include <string>

#include "server/send/log_lines.h"
#include "server/send/send_rng.h"

namespace cistern {

// The same seed gives the same messages.
class MadeUpLines : public LogLines {
 public:
  explicit MadeUpLines(uint64_t seed) : rng_(seed) {}
  bool next(std::string& message) override;

 private:
  void application(std::string& out);
  void json(std::string& out);
  void access(std::string& out);
  void stack_trace(std::string& out);
  void clock_text(std::string& out);
  void hex(size_t digits, std::string& out);

  SendRng rng_;
  uint64_t second_ = 0;
};

}  // namespace cistern

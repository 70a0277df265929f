// Whether a delivery would be taken now, and why not: what /readyz and the status page tell.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/result.h"

namespace cistern {

struct ReadyCheck {
  std::string name;
  std::function<Result<>()> check;  // quick, any thread
  bool needed = true;  // false: what it says is shown as a warning, and we are ready all the same
};

struct Readiness {
  struct Note {
    std::string part;  // the check's name
    std::string text;  // what is wrong and what to do; printable ASCII
  };
  std::vector<Note> reasons;  // why we are not ready
  std::vector<Note> warnings;
  bool ready() const { return reasons.empty(); }
};

Readiness readiness(const std::vector<ReadyCheck>& checks);

}  // namespace cistern

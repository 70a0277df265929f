// Judges an answer as Firehose does: only a 200 whose body is exactly what the specification asks for counts
// as delivered; everything else is tried again, but for 413, which Firehose neither retries nor backs up.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/result.h"
#include "pipeline/store/http_message.h"

namespace cistern {

struct Verdict {
  enum class Outcome { delivered, retry, permanent };
  Outcome outcome = Outcome::retry;
  unsigned status = 0;  // 0: there was no answer
  std::string why;      // what was wrong, for a person; empty when delivered
};

// `answer` is an error when none came: refused, reset, TLS failure, time-out.
Verdict judge_answer(const Result<HttpResponse>& answer, std::string_view request_id);

}  // namespace cistern

// An answer of S3 of any bytes: it means something, and what is said of it can be shown. Input: a byte for
// the status, then the body.
#include "pipeline/ascii.h"
#include "pipeline/store/s3_meaning.h"
#include "tests/fuzz/fuzz_target.h"

using namespace cistern;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static constexpr unsigned kStatuses[] = {200, 204, 301, 307, 400, 403, 404, 409, 412, 416, 429, 500, 503};
  HttpResponse response;
  response.status = kStatuses[data[0] % std::size(kStatuses)];
  response.body = test::text_of(data + 1, size - 1);
  response.headers = {{"x-amz-request-id", response.body.substr(0, 40)},
                      {"x-amz-bucket-region", response.body.substr(0, 20)}};
  const S3Answer answer = read_s3_answer(response);
  REQUIRE(answer.status == response.status);
  for (const S3Action action : {S3Action::put, S3Action::head, S3Action::get}) {
    (void)meaning_of(answer, action);
    const Error error = s3_error(answer, {action, "bucket", "key", "us-east-1"});
    REQUIRE(printable(error.what, error.what.size()) == error.what && !error.what.empty());
  }
  return 0;
}

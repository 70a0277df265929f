// A configuration of any bytes: taken, or refused with a text that can be shown.
#include "server/config/values.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/unit/config_fixture.h"

using namespace cistern;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(test::text_of(data, size));
  if (text.find('\0') != text.npos) return 0;  // no variable holds one
  const std::string mistakes = mistakes_of(text, {{"NAME", "value"}});
  std::string_view rest = mistakes;
  while (!rest.empty()) REQUIRE(is_printable(test::take_until(rest, '\n')));
  return 0;
}

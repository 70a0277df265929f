// The files that AWS's tools share: any bytes are taken or refused by line; what was taken, written out
// again, is read as the same profiles, and each of them makes a plan or an error. Input: a byte for the kind
// of file, then the file.
#include <algorithm>

#include "pipeline/ascii.h"
#include "pipeline/store/credentials/profile_file.h"
#include "pipeline/store/credentials/profile_plan.h"
#include "tests/fuzz/fuzz_target.h"

using namespace cistern;

namespace {

// Quotes keep the spaces of a name, the indent a value's name that begins like a section.
std::string written(const Profiles& profiles, ProfileFileKind kind) {
  std::string text;
  for (const auto& [name, profile] : profiles) {
    text += kind == ProfileFileKind::config ? "[profile \"" : "[\"";
    text += name + "\"]\n";
    for (const auto& [key, value] : profile) text += " " + key + " = " + std::string(value.view()) + "\n";
  }
  return text;
}

bool same(const Profiles& a, const Profiles& b) {
  const auto same_value = [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.view() == y.second.view();
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const auto& x, const auto& y) {
    return x.first == y.first &&
           std::equal(x.second.begin(), x.second.end(), y.second.begin(), y.second.end(), same_value);
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto kind = data[0] % 2 == 0 ? ProfileFileKind::config : ProfileFileKind::credentials;
  const std::string_view text = test::text_of(data + 1, size - 1);
  const auto profiles = parse_profiles(text, kind);
  if (!profiles) {
    const std::string& what = profiles.error().what;
    const size_t number_end = what.find_first_not_of("0123456789", 5);
    REQUIRE(what.starts_with("line ") && number_end > 5);
    REQUIRE(what.substr(number_end) ==
            " is neither [section] nor name = value in one");  // it shows nothing of it
    return 0;
  }
  const auto again = parse_profiles(written(profiles.value(), kind), kind);
  REQUIRE(again && same(again.value(), profiles.value()));
  REQUIRE(same(merge_profiles(profiles.value(), again.value()), profiles.value()));
  for (const auto& [name, profile] : profiles.value()) {
    for (const auto& [key, value] : profile) REQUIRE(key == lower(key) && !key.empty());
    const auto plan = plan_profile(profiles.value(), name);
    REQUIRE(plan || !plan.error().what.empty());
    if (plan && plan.value()) REQUIRE(plan.value()->roles.size() <= profiles.value().size());
  }
  return 0;
}

#include "pipeline/decode/key_value.h"

#include <algorithm>
#include <cstdint>

#include "pipeline/ascii.h"
#include "pipeline/digest.h"
#include "pipeline/percent.h"

namespace cistern {
namespace {

constexpr std::string_view kEmptyValue = "_none";
constexpr size_t kDigestBytes = 16;

bool is_key_safe(char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; }

// What `stays` does not let stand as it is becomes %XX.
template <class Stays>
std::string percent_encoded(std::string_view value, Stays stays) {
  std::string out;
  for (size_t i = 0; i < value.size(); ++i) {
    const bool special = i == 0 && (value[i] == '.' || value == kEmptyValue);
    if (stays(value[i]) && !special) {
      out.push_back(value[i]);
    } else {
      append_percent(value[i], out);
    }
  }
  return out;
}

// Shortens to `bytes` without leaving part of a %XX at the end.
void cut(std::string& encoded, size_t bytes) {
  const size_t percent = encoded.rfind('%', bytes - 1);
  encoded.resize(percent != encoded.npos && percent + 3 > bytes ? percent : bytes);
}

}  // namespace

std::string key_safe(std::string_view value, size_t bound) {
  if (value.empty()) return std::string(kEmptyValue);
  std::string encoded = percent_encoded(value, is_key_safe);
  if (encoded.size() <= bound) return encoded;
  cut(encoded, bound - 1 - 2 * kDigestBytes);
  return encoded + "~" + hex(sha256(value)).substr(0, 2 * kDigestBytes);
}

std::string from_key_safe(std::string_view text) {
  return text == kEmptyValue ? std::string() : percent_decoded(text);
}

std::string key_folders(std::string_view value, size_t bound) {
  while (value.starts_with('/')) value.remove_prefix(1);
  while (value.ends_with('/')) value.remove_suffix(1);
  std::string folders;
  for (std::string_view rest = value;;) {
    const size_t end = std::min(rest.find('/'), rest.size());
    folders += key_safe(rest.substr(0, end), bound);
    if (end == rest.size()) break;
    folders += '/';
    rest.remove_prefix(end + 1);
  }
  return folders.size() <= bound ? folders : key_safe(value, bound);
}

std::string key_export(std::string_view value, size_t bound) {
  std::string dashed(value);
  std::replace(dashed.begin(), dashed.end(), '/', '-');
  const auto stays = [](char c) {
    return static_cast<uint8_t>(c) >= 0x20 && c != 0x7f &&
           std::string_view("{}%\\").find(c) == std::string_view::npos;
  };
  const std::string encoded = percent_encoded(dashed, stays);
  return encoded.empty() || encoded.size() > bound ? key_safe(value, bound) : encoded;
}

}  // namespace cistern

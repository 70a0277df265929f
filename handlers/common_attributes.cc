// See common_attributes.h. Owned by the HTTP edge.
#include "handlers/common_attributes.h"

#include <nlohmann/json.hpp>

namespace cistern {
namespace {

std::string utf8_from_latin1(std::string_view text) {
  std::string utf8;
  for (unsigned char c : text) {
    if (c < 0x80) {
      utf8 += static_cast<char>(c);
    } else {
      utf8 += static_cast<char>(0xC0 | (c >> 6));
      utf8 += static_cast<char>(0x80 | (c & 0x3F));
    }
  }
  return utf8;
}

nlohmann::ordered_json parse(std::string_view header) {
  auto json = nlohmann::ordered_json::parse(header, nullptr, false);
  if (json.is_discarded()) json = nlohmann::ordered_json::parse(utf8_from_latin1(header), nullptr, false);
  return json;
}

}  // namespace

Result<std::vector<std::pair<std::string, std::string>>> parse_common_attributes(std::string_view header) {
  std::vector<std::pair<std::string, std::string>> attributes;
  if (header.empty()) return attributes;
  auto json = parse(header);
  auto wrong = [](const char* what) {
    return invalid(std::string("The header X-Amz-Firehose-Common-Attributes ") + what);
  };
  if (!json.is_object())
    return wrong("is not a JSON object. Set the attributes in the Firehose destination.");
  auto member = json.find("commonAttributes");
  if (member == json.end() || !member->is_object()) return wrong("has no object 'commonAttributes'.");
  if (member->size() > kMaxCommonAttributes) return wrong("has more than 50 attributes. Configure fewer.");
  for (const auto& [name, value] : member->items()) {
    if (!value.is_string()) return wrong("has an attribute that is not a string.");
    attributes.emplace_back(name, value.get<std::string>());
  }
  return attributes;
}

}  // namespace cistern

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

using Attributes = std::vector<std::pair<std::string, std::string>>;

// Stops at the first thing that is wrong: the header may be long, and it is read on an io thread. Keeps
// nothing but the attributes.
class AttributeReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  Attributes attributes;
  const char* wrong = nullptr;  // null after a failure: it is not JSON
  bool object = false;          // the header is one
  bool found = false;           // it has the object of attributes

  bool null() override { return other(); }
  bool boolean(bool) override { return other(); }
  bool number_integer(number_integer_t) override { return other(); }
  bool number_unsigned(number_unsigned_t) override { return other(); }
  bool number_float(number_float_t, const string_t&) override { return other(); }
  bool binary(binary_t&) override { return other(); }
  bool string(string_t& text) override {
    if (!inside()) return other();
    set(std::move(text));
    return true;
  }
  bool key(string_t& name) override {
    if (depth_ == 1) named_ = name == "commonAttributes";
    if (!inside()) return true;
    if (++members_ > kMaxCommonAttributes) return fail("has more than 50 attributes. Configure fewer.");
    name_ = std::move(name);
    return true;
  }
  bool start_object(size_t) override {
    if (depth_ == 0) object = true;
    const bool here = depth_ == 1 && named_ && object;
    if (!here && !other()) return false;
    if (here) found = true;
    ++depth_;
    return true;
  }
  bool start_array(size_t) override {
    if (!other()) return false;
    ++depth_;
    return true;
  }
  bool end_object() override { return --depth_, true; }
  bool end_array() override { return --depth_, true; }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  bool inside() const { return depth_ == 2 && named_ && object; }
  bool fail(const char* what) {
    wrong = what;
    return false;
  }
  // A value that is neither an attribute nor the object of them.
  bool other() {
    if (inside()) return fail("has an attribute that is not a string.");
    if (depth_ == 1 && named_ && object) return fail("has no object 'commonAttributes'.");
    return true;
  }
  // A name that comes twice has its last value.
  void set(std::string value) {
    for (auto& [name, old] : attributes)
      if (name == name_) {
        old = std::move(value);
        return;
      }
    attributes.emplace_back(std::move(name_), std::move(value));
  }

  int depth_ = 0;
  size_t members_ = 0;
  bool named_ = false;  // below "commonAttributes"
  std::string name_;
};

}  // namespace

Result<std::vector<std::pair<std::string, std::string>>> parse_common_attributes(std::string_view header) {
  if (header.empty()) return Attributes{};
  auto wrong = [](const char* what) {
    return invalid(std::string("The header X-Amz-Firehose-Common-Attributes ") + what);
  };
  AttributeReader reader;
  bool whole = nlohmann::json::sax_parse(header, &reader);
  if (!whole && !reader.wrong) {
    reader = AttributeReader();
    whole = nlohmann::json::sax_parse(utf8_from_latin1(header), &reader);
  }
  if (reader.wrong) return wrong(reader.wrong);
  if (!whole || !reader.object)
    return wrong("is not a JSON object. Set the attributes in the Firehose destination.");
  if (!reader.found) return wrong("has no object 'commonAttributes'.");
  return std::move(reader.attributes);
}

}  // namespace cistern

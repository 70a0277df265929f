// One line of the configuration's table: a setting's path, what its value may be, how it gets into the struct
// that holds it and out again, and what it is for. Parsing, error texts, the reference and the printed
// configuration all come from these lines. The default is not written here: it is what the struct's own
// initialiser says.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "server/config/values.h"

namespace cistern {

using Words = std::vector<std::string>;  // a value as text; any but a list is one word

enum class ValueKind { text, number, size, duration, boolean, choice, endpoint, list };

// What may be written, as a form: enough for an error text and a schema.
struct ValueRule {
  ValueKind kind = ValueKind::text;
  uint64_t min = 0;  // of a number, bytes, ms, a text's length or a list's
  uint64_t max = 0;
  Words choices{};              // words allowed instead, or (kind choice) at all
  bool secret = false;          // never printed
  std::string allowed() const;  // "a size from 64KiB to 4GiB, such as 64MiB"
};

template <class Owner>
struct SettingValue {
  ValueRule rule;
  std::function<bool(Owner&, const Words&)> write;  // false, and nothing written: not allowed
  std::function<Words(const Owner&)> read;          // empty: nothing to say
};

template <class Owner>
struct Setting {
  std::string path;
  SettingValue<Owner> value;
  std::string help;
};

// Makers of SettingValue. `at(owner)` is a reference to the member, const for a const owner.
template <class Owner>
struct SettingOf {
  using Value = SettingValue<Owner>;
  template <class At>
  using Member = std::remove_cvref_t<std::invoke_result_t<At, Owner&>>;

  template <class At, class Parse, class Print>
  static Value scalar(ValueRule rule, At at, Parse parse, Print print) {
    auto write = [at, parse](Owner& owner, const Words& words) {
      auto value = parse(words.front());
      if (value) at(owner) = *value;
      return value.has_value();
    };
    return {std::move(rule), write, [at, print](const Owner& owner) { return Words{print(at(owner))}; }};
  }

  template <class At>
  static Value text(At at, uint64_t min = 0, uint64_t max = 1024, bool secret = false) {
    auto parse = [=](const std::string& text) {
      bool fits = text.size() >= min && text.size() <= max && (secret || is_printable(text));
      return fits ? std::optional(text) : std::nullopt;
    };
    auto print = [](const auto& v) { return std::string(static_cast<std::string_view>(v)); };
    return scalar({ValueKind::text, min, max, {}, secret}, at, parse, print);
  }
  // Of a Secret, or of a std::string.
  template <class At>
  static Value secret(At at, uint64_t min, uint64_t max) {
    return text(at, min, max, true);
  }

  template <class At>
  static Value number(At at, uint64_t min, uint64_t max) {
    return scalar({ValueKind::number, min, max}, at, within(parse_number, min, max), print_number);
  }
  template <class At>
  static Value size(At at, uint64_t min, uint64_t max) {
    return scalar({ValueKind::size, min, max}, at, within(parse_size, min, max), print_size);
  }
  // The member counts units of `unit_ms`.
  template <class At>
  static Value duration(At at, int64_t min_ms, int64_t max_ms, int64_t unit_ms = 1) {
    auto parse = [=](const std::string& text) -> std::optional<int64_t> {
      auto ms = within(parse_duration_ms, min_ms, max_ms)(text);
      if (!ms || *ms % unit_ms != 0) return std::nullopt;
      return *ms / unit_ms;
    };
    ValueRule rule{ValueKind::duration, static_cast<uint64_t>(min_ms), static_cast<uint64_t>(max_ms)};
    return scalar(rule, at, parse, [=](int64_t v) { return print_duration_ms(v * unit_ms); });
  }
  template <class At>
  static Value boolean(At at) {
    return scalar({ValueKind::boolean}, at, parse_boolean, print_boolean);
  }
  template <class At>
  static Value endpoint(At at) {
    return scalar({ValueKind::endpoint}, at, parse_endpoint, print_endpoint);
  }
  // Of a std::optional<Endpoint>.
  template <class At>
  static Value endpoint_or_off(At at) {
    auto parse = [](const std::string& text) -> std::optional<std::optional<Endpoint>> {
      if (text == "off") return std::optional<Endpoint>();
      auto endpoint = parse_endpoint(text);
      if (!endpoint) return std::nullopt;
      return endpoint;
    };
    return scalar({ValueKind::endpoint, 0, 0, {"off"}}, at, parse,
                  [](const auto& v) { return v ? print_endpoint(*v) : std::string("off"); });
  }

  template <class At, class T = Member<At>>
  static Value choice(At at, std::vector<std::pair<std::string, T>> names) {
    ValueRule rule{ValueKind::choice};
    for (const auto& [name, value] : names) rule.choices.push_back(name);
    auto write = [at, names](Owner& owner, const Words& words) {
      for (const auto& [name, value] : names)
        if (name == words.front()) return at(owner) = value, true;
      return false;
    };
    auto read = [at, names](const Owner& owner) {
      for (const auto& [name, value] : names)
        if (value == at(owner)) return Words{name};
      return Words{};
    };
    return {rule, write, read};
  }
  template <class At>
  static Value one_of(At at, const Words& words) {
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto& word : words) names.emplace_back(word, word);
    return choice(at, names);
  }

  // Of a std::vector<std::string>, each item printable and not empty.
  template <class At>
  static Value list(At at, uint64_t min, uint64_t max) {
    auto write = [=](Owner& owner, const Words& words) {
      if (words.size() < min || words.size() > max) return false;
      for (const auto& word : words)
        if (word.empty() || !is_printable(word)) return false;
      at(owner) = words;
      return true;
    };
    return {{ValueKind::list, min, max}, write, [at](const Owner& owner) { return at(owner); }};
  }

 private:
  template <class Parse, class T>
  static auto within(Parse parse, T min, T max) {
    return [=](const std::string& text) {
      auto value = parse(text);
      return value && *value >= min && *value <= max ? value : std::nullopt;
    };
  }
};

}  // namespace cistern

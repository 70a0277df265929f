#include "pipeline/store/credentials/profile_file.h"

#include <algorithm>
#include <optional>

#include "pipeline/ascii.h"

namespace cistern {
namespace {

constexpr std::string_view kSpace = " \t\r";

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// Without a comment, which begins with '#' or ';' after a space.
std::string_view without_comment(std::string_view value) {
  for (size_t i = 1; i < value.size(); ++i) {
    const bool mark = value[i] == '#' || value[i] == ';';
    if (mark && kSpace.find(value[i - 1]) != std::string_view::npos) return trim(value.substr(0, i));
  }
  return value;
}

std::string_view without_quotes(std::string_view name) {
  const bool quoted = name.size() >= 2 && (name.front() == '"' || name.front() == '\'');
  return quoted && name.back() == name.front() ? name.substr(1, name.size() - 2) : name;
}

class ProfileReader {
 public:
  explicit ProfileReader(ProfileFileKind kind) : kind_(kind) {}

  // False: the line is none of such a file.
  bool read(std::string_view line) {
    const std::string_view text = trim(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') return true;
    const size_t indent = line.find_first_not_of(kSpace);
    if (text.front() == '[' && indent == 0) return open_section(text);
    if (!in_section_) return false;
    if (value_indent_ && indent > *value_indent_) return true;
    value_indent_ = indent;
    return read_value(text);
  }

  Profiles take() {
    if (plain_default_) profiles_.emplace("default", std::move(*plain_default_));
    return std::move(profiles_);
  }

 private:
  bool open_section(std::string_view text) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    const std::string_view name = trim(text.substr(1, end - 1));
    in_section_ = true;
    value_indent_.reset();
    profile_ = profile_of(name);
    return true;
  }

  // In the config file [profile default] goes before [default].
  Profile* profile_of(std::string_view name) {
    if (kind_ == ProfileFileKind::credentials) return &profiles_[std::string(without_quotes(name))];
    if (name == "default") return &(plain_default_ ? *plain_default_ : plain_default_.emplace());
    if (!name.starts_with("profile ") && !name.starts_with("profile\t")) return nullptr;
    return &profiles_[std::string(without_quotes(trim(name.substr(8))))];
  }

  bool read_value(std::string_view text) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    const std::string name = lower(trim(text.substr(0, equals)));
    const std::string_view value = trim(text.substr(equals + 1));
    // In a command '#' and ';' may well stand for themselves.
    const bool command = name == "credential_process";
    if (profile_ != nullptr) (*profile_)[name] = command ? value : without_comment(value);
    return true;
  }

  const ProfileFileKind kind_;
  Profiles profiles_;
  std::optional<Profile> plain_default_;
  Profile* profile_ = nullptr;  // null: a section that is passed over
  bool in_section_ = false;
  std::optional<size_t> value_indent_;  // of the last value
};

}  // namespace

Result<Profiles> parse_profiles(std::string_view text, ProfileFileKind kind) {
  ProfileReader reader(kind);
  for (int number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (!reader.read(text.substr(0, end)))
      return invalid("line " + std::to_string(number) + " is neither [section] nor name = value in one");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.take();
}

Profiles merge_profiles(Profiles under, Profiles over) {
  for (auto& [name, profile] : over) {
    Profile& target = under[name];
    for (auto& [key, value] : profile) target[key] = std::move(value);
  }
  return under;
}

std::string value_of(const Profile& profile, const char* name) {
  const auto found = profile.find(name);
  return found == profile.end() ? std::string() : std::string(found->second.view());
}

}  // namespace cistern

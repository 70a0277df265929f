// See config_document.h.
#include "server/config_document.h"

#include <algorithm>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "server/config_values.h"

namespace cistern {
namespace {

constexpr size_t kMaxDepth = 8;

// Builds the tree from the parser's events, which unlike its nodes know aliases, repeated keys and lines.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& source, ConfigMistakes& mistakes) : source_(source), mistakes_(mistakes) {}

  ConfigNode root;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { put(mark, ConfigNode::Kind::empty, ""); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw YAML::ParserException(mark, "aliases (*name) are not supported; write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_extras(mark, tag, anchor);
    put(mark, ConfigNode::Kind::scalar, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_extras(mark, tag, anchor);
    open(mark, ConfigNode::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_extras(mark, tag, anchor);
    open(mark, ConfigNode::Kind::section);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    ConfigNode node;
    bool key_read = false;  // of a section: the next event is that key's value
    std::string key;
  };

  static void refuse_extras(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) throw YAML::ParserException(mark, "anchors (&name) are not supported");
    if (!tag.empty() && tag != "?" && tag != "!") throw YAML::ParserException(mark, "tags are not supported");
  }

  bool wants_key() const {
    return !levels_.empty() && levels_.back().node.kind == ConfigNode::Kind::section &&
           !levels_.back().key_read;
  }

  void put(const YAML::Mark& mark, ConfigNode::Kind kind, const std::string& text) {
    if (wants_key()) {
      levels_.back().key = text;
      levels_.back().key_read = true;
      return;
    }
    ConfigNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.text = node.shown = text;
    place(std::move(node));
  }

  void open(const YAML::Mark& mark, ConfigNode::Kind kind) {
    if (wants_key()) throw YAML::ParserException(mark, "a list or a section cannot be a name");
    if (levels_.size() == kMaxDepth) throw YAML::ParserException(mark, "nested too deeply");
    levels_.emplace_back();
    levels_.back().node.kind = kind;
    levels_.back().node.line = mark.line + 1;
  }

  void close() {
    ConfigNode node = std::move(levels_.back().node);
    levels_.pop_back();
    place(std::move(node));
  }

  void place(ConfigNode node) {
    if (levels_.empty()) {
      root = std::move(node);
      return;
    }
    Level& level = levels_.back();
    node.key = level.key;
    level.key_read = false;
    auto& items = level.node.items;
    if (level.node.kind == ConfigNode::Kind::section && is_repeated(items, node)) return;
    items.push_back(std::move(node));
  }

  bool is_repeated(const std::vector<ConfigNode>& items, const ConfigNode& node) {
    auto first =
        std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.key == node.key; });
    if (first == items.end()) return false;
    mistakes_.add(source_ + ":" + std::to_string(node.line), "",
                  in_quotes(node.key) + " is written twice in the same section, first in line " +
                      std::to_string(first->line));
    return true;
  }

  const std::string& source_;
  ConfigMistakes& mistakes_;
  std::vector<Level> levels_;
};

std::string line_of(std::string_view text, int line) {
  std::istringstream lines{std::string(text)};
  std::string found;
  for (int i = 0; i <= line && std::getline(lines, found); ++i) continue;
  return found;
}

// The parser's own words, and the usual reason where the line shows it.
std::string explain(const std::string& message, const std::string& line) {
  auto indent = line.substr(0, line.find_first_not_of(" \t"));
  if (indent.find('\t') != std::string::npos) return "not YAML: the line is indented with a tab; use spaces";
  std::string hint;
  if (line.find('{') != std::string::npos) hint = "; a value with { or } in it needs quotes";
  if (line.find('@') != std::string::npos || line.find('`') != std::string::npos ||
      line.find('%') != std::string::npos)
    hint = "; a value that starts with @ ` or % needs quotes";
  return "not YAML: " + (is_printable(message) ? message : "unreadable text") + hint;
}

const char* unusable(std::string_view text) {
  if (text.size() > kMaxConfigBytes) return "is larger than 256KiB: this is not a configuration";
  for (unsigned char c : text)
    if (c < 0x20 && c != '\n' && c != '\r' && c != '\t') return "is not text: it has control characters";
  std::string no_breaks(text);
  std::replace_if(
      no_breaks.begin(), no_breaks.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  return is_printable(no_breaks) ? nullptr : "is not UTF-8 text";
}

}  // namespace

ConfigNode parse_config_document(std::string_view text, const std::string& source, ConfigMistakes& mistakes) {
  if (const char* why = unusable(text)) {
    mistakes.add(source, "", why);
    return {};
  }
  TreeBuilder builder(source, mistakes);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    TreeBuilder further(source, mistakes);
    if (parser.HandleNextDocument(further))
      mistakes.add(source, "", "holds several YAML documents; a configuration is one");
  } catch (const YAML::Exception& e) {
    mistakes.add(source + ":" + std::to_string(e.mark.line + 1), "",
                 explain(e.msg, line_of(text, e.mark.line)));
    return {};
  }
  if (builder.root.kind == ConfigNode::Kind::scalar || builder.root.kind == ConfigNode::Kind::list) {
    mistakes.add(source + ":1", "", "must be settings, such as `listen: 0.0.0.0:8443`");
    return {};
  }
  return std::move(builder.root);
}

}  // namespace cistern

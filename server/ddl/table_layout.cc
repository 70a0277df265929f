// See table_layout.h.
#include "server/ddl/table_layout.h"

#include <algorithm>
#include <functional>

namespace cistern {
namespace {

using Field = LineFormat::Field;
using Kind = KeyTemplate::Part::Kind;

TableLayout::Type type_of(Field field) {
  switch (field) {
    case Field::timestamp:
    case Field::request_timestamp:
      return TableLayout::Type::integer;
    case Field::subscription_filters:
      return TableLayout::Type::texts;
    case Field::extracted_fields:
    case Field::common_attributes:
      return TableLayout::Type::map;
    default:
      return TableLayout::Type::text;
  }
}

Result<> refuse_wildcards(const std::string& literal) {
  const auto at = literal.find_first_of("*?[]{}'\"\\$`");
  if (at == std::string::npos) return ok();
  return invalid("keys have " + literal.substr(at, 1) + " in " + literal +
                 ", which a query engine takes for a wildcard or a quote; write the statement by hand");
}

// Without the last folder where it names objects: every name in the folder before is one of the table's.
Result<> drop_object_name(TableLayout& layout) {
  auto& parts = layout.parts;
  for (const auto& part : parts)
    if (part.kind == Kind::log_group_folders || part.kind == Kind::log_stream_export)
      return invalid(
          "keys with {log_group:folders} or {log_stream:export} cannot be read back as columns; write "
          "the statement by hand");
  if (std::none_of(parts.begin(), parts.end(), std::mem_fn(&KeyTemplate::Part::is_of_object))) return ok();
  layout.objects = "*.gz";
  while (!parts.empty() &&
         (parts.back().kind != Kind::literal || parts.back().text.find('/') == std::string::npos))
    parts.pop_back();
  if (!parts.empty()) parts.back().text.resize(parts.back().text.rfind('/') + 1);
  return ok();
}

}  // namespace

std::string TableLayout::glob() const {
  std::string text = root + prefix;
  for (const Part& part : parts) {
    if (part.kind == Kind::literal)
      text += part.text;
    else
      text += part.kind == Kind::year ? "????" : part.is_time() ? "??" : "*";
  }
  return text + objects;
}

Result<TableLayout> table_layout(const Config& config) {
  CISTERN_TRY(auto line, LineFormat::parse(config.format.fields, config.format.event_id));
  CISTERN_TRY(auto key, KeyTemplate::parse(config.partition.prefix, config.partition.key));
  TableLayout layout;
  for (const Field field : line.fields())
    layout.columns.push_back({std::string(field_name(field)), type_of(field)});
  const StoreConfig& store = config.store;
  layout.root = store.type == "s3" ? "s3://" + store.bucket + "/" : store.path + "/";
  layout.prefix = store.prefix + config.partition.prefix;
  layout.parts = key.parts();
  CISTERN_TRY(drop_object_name(layout));
  CISTERN_TRY(refuse_wildcards(layout.root + layout.prefix));
  for (const auto& part : layout.parts) {
    if (part.kind != Kind::literal) continue;
    CISTERN_TRY(refuse_wildcards(part.text));
  }
  return layout;
}

}  // namespace cistern

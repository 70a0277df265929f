// See statements.h. What projection is: docs.aws.amazon.com/athena, "Partition projection".
#include <algorithm>
#include <functional>

#include "pipeline/ascii.h"
#include "server/ddl/statements.h"

namespace cistern {
namespace {

using Kind = KeyTemplate::Part::Kind;
using Part = KeyTemplate::Part;
using Property = std::pair<std::string, std::string>;

constexpr int kYears = 15;  // from since_year on, where years are enumerated

struct Projection {
  std::vector<std::string> columns;  // "`hour` string"
  std::vector<Property> properties;
  std::string location;  // the template's part of it
};

std::string java_letters(Kind kind) {
  return kind == Kind::year ? "yyyy" : kind == Kind::month ? "MM" : kind == Kind::day ? "dd" : "HH";
}

// Texts that a Java date format takes as they are.
bool is_separator(const Part& part) {
  return part.kind == Kind::literal && part.text.find_first_not_of("/-_.") == std::string::npos;
}

// Past the last of the digit groups year, month, day (and hour) from `first` on, with separators between; or
// `first` where they are not.
size_t date_end(const std::vector<Part>& parts, size_t first) {
  size_t end = first;
  int next = static_cast<int>(Kind::year);
  for (size_t at = first; at < parts.size(); ++at) {
    if (static_cast<int>(parts[at].kind) == next) {
      ++next;
      end = at + 1;
    } else if (!is_separator(parts[at])) {
      break;
    }
  }
  return next > static_cast<int>(Kind::day) ? end : first;
}

std::string column_text(const std::string& name, const std::string& type) { return "`" + name + "` " + type; }

std::string property_text(const std::string& name, const std::string& value) {
  return "'" + name + "' = '" + value + "'";
}

void add(Projection& projection, const std::string& column, const std::string& type,
         const std::vector<Property>& more, const std::string& sql_type) {
  const std::string about = "projection." + column + ".";
  projection.columns.push_back(column_text(column, sql_type));
  projection.properties.push_back({about + "type", type});
  for (const auto& [name, value] : more) projection.properties.push_back({about + name, value});
  projection.location += "${" + column + "}";
}

void add_date(Projection& projection, const std::vector<Part>& parts, size_t first, size_t end, int since) {
  std::string format, start;
  for (size_t at = first; at < end; ++at) {
    const Kind kind = parts[at].kind;
    format += parts[at].is_time() ? java_letters(kind) : parts[at].text;
    start += !parts[at].is_time() ? parts[at].text
             : kind == Kind::year ? std::to_string(since)
             : kind == Kind::hour ? "00"
                                  : "01";
  }
  const bool hourly = parts[end - 1].kind == Kind::hour;
  add(projection, hourly ? "hour" : "day", "date",
      {{"format", format},
       {"range", start + ",NOW+3HOURS"},  // events may be two hours ahead
       {"interval", "1"},
       {"interval.unit", hourly ? "HOURS" : "DAYS"}},
      "string");
}

void add_digits(Projection& projection, Kind kind, int since) {
  const std::string years = std::to_string(since) + "," + std::to_string(since + kYears);
  if (kind == Kind::year) add(projection, "year", "integer", {{"range", years}, {"digits", "4"}}, "int");
  if (kind == Kind::month) add(projection, "month", "integer", {{"range", "1,12"}, {"digits", "2"}}, "int");
  if (kind == Kind::day) add(projection, "day", "integer", {{"range", "1,31"}, {"digits", "2"}}, "int");
  if (kind == Kind::hour) add(projection, "hour", "integer", {{"range", "0,23"}, {"digits", "2"}}, "int");
}

// in_log_group: no column of a line has such a name.
std::string value_column(const Part& part) {
  if (part.kind != Kind::attribute) {
    const char* names[] = {"in_owner", "in_log_group", "in_log_stream", "in_source"};
    return names[static_cast<int>(part.kind) - static_cast<int>(Kind::owner)];
  }
  std::string name = "in_attribute_";
  for (const char c : part.text) {
    name += is_alphanumeric(c) ? lower(c) : '_';
  }
  return name;
}

bool has_column(const Projection& projection, const std::string& name) {
  return std::any_of(projection.columns.begin(), projection.columns.end(),
                     [&](const std::string& column) { return column.starts_with("`" + name + "` "); });
}

// A part that comes again is the same value.
void add_part(Projection& projection, const Part& part, int since) {
  if (part.kind == Kind::literal) {
    projection.location += part.text;
    return;
  }
  const std::string time = part.kind == Kind::year    ? "year"
                           : part.kind == Kind::month ? "month"
                           : part.kind == Kind::day   ? "day"
                                                      : "hour";
  const std::string name = part.is_time() ? time : value_column(part);
  if (has_column(projection, name)) {
    projection.location += "${" + name + "}";
  } else if (part.is_time()) {
    add_digits(projection, part.kind, since);
  } else {
    add(projection, name, "injected", {}, "string");
  }
}

Projection project(const std::vector<Part>& parts, int since) {
  Projection projection;
  const bool once = std::count_if(parts.begin(), parts.end(), std::mem_fn(&Part::is_time)) <= 4;
  for (size_t at = 0; at < parts.size();) {
    const size_t end = once ? date_end(parts, at) : at;
    if (end > at) {
      add_date(projection, parts, at, end, since);
      at = end;
    } else {
      add_part(projection, parts[at++], since);
    }
  }
  return projection;
}

std::string type_name(TableLayout::Type type) {
  switch (type) {
    case TableLayout::Type::integer:
      return "bigint";
    case TableLayout::Type::texts:
      return "array<string>";
    case TableLayout::Type::map:
      return "map<string,string>";
    case TableLayout::Type::text:
      break;
  }
  return "string";
}

std::string indented(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "  " : ",\n  ") + item;
  return text + "\n";
}

}  // namespace

Result<std::string> athena_statement(const TableLayout& layout, const TableName& table) {
  if (!layout.in_bucket()) return invalid("Athena reads buckets; store.type is file");
  const Projection projection = project(layout.parts, table.since_year);
  std::vector<std::string> columns, properties;
  for (const auto& column : layout.columns)
    columns.push_back(column_text(column.name, type_name(column.type)));
  const bool projected = !projection.columns.empty();
  properties.push_back(property_text("projection.enabled", projected ? "true" : "false"));
  for (const auto& [name, value] : projection.properties) properties.push_back(property_text(name, value));
  const std::string folder = layout.root + layout.prefix.substr(0, layout.prefix.rfind('/') + 1);
  if (projected)
    properties.push_back(
        property_text("storage.location.template", layout.root + layout.prefix + projection.location));
  return "CREATE EXTERNAL TABLE `" + table.text + "` (\n" + indented(columns) + ")\n" +
         (projected ? "PARTITIONED BY (\n" + indented(projection.columns) + ")\n" : "") +
         "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'\n"
         "STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'\n"
         "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'\n"
         "LOCATION '" +
         folder + "'\nTBLPROPERTIES (\n" + indented(properties) + ");\n";
}

}  // namespace cistern

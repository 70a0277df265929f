// How the archive of a configuration looks to a query engine: columns, where objects lie, and what their keys
// are made of. Derived from the parsers that write it, so that both agree.
#pragma once

#include <string>
#include <vector>

#include "pipeline/decode/line_format.h"
#include "pipeline/decode/partition_key.h"
#include "server/config.h"

namespace cistern {

struct TableLayout {
  enum class Type { integer, text, texts, map };
  struct Column {
    std::string name;  // the member's in a line, such as logGroup
    Type type = Type::text;
  };
  using Part = KeyTemplate::Part;

  std::vector<Column> columns;          // in a line's order
  std::string root;                     // "s3://bucket/" or the folder with its '/'; literal
  std::string prefix;                   // store's and partitions', literal; may end in the middle of a name
  std::vector<Part> parts;              // then the key template, whose last text ends in '/', or nothing
  std::string objects = "*.ndjson.gz";  // a pattern of their names

  bool in_bucket() const { return root.starts_with("s3://"); }
  // Where objects lie, `?` for a digit of the time and `*` for a value: `prefix????/??/??/??/*.ndjson.gz`.
  // Leaves out dead letters and times out of range, whose keys look otherwise.
  std::string glob() const;
};

// Of a configuration that load_config has taken. Error `invalid`: a character of a literal part would be
// taken for a wildcard or end a quoted text, or a value's form has no column.
Result<TableLayout> table_layout(const Config& config);

}  // namespace cistern

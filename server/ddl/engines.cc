// See statements.h: DuckDB, Spark and ClickHouse, which read a glob of objects with the columns given.
#include "pipeline/store/s3_endpoint.h"
#include "server/ddl/statements.h"

namespace cistern {
namespace {

using Type = TableLayout::Type;

struct TypeNames {
  const char* integer;
  const char* text;
  const char* texts;
  const char* map;

  std::string of(Type type) const {
    return type == Type::integer ? integer : type == Type::texts ? texts : type == Type::map ? map : text;
  }
};
constexpr TypeNames kDuckdb{"BIGINT", "VARCHAR", "VARCHAR[]", "JSON"};
constexpr TypeNames kSpark{"BIGINT", "STRING", "ARRAY<STRING>", "MAP<STRING, STRING>"};
constexpr TypeNames kClickhouse{"Int64", "String", "Array(String)", "Map(String, String)"};

// Each column as `before name between type`, a line each.
std::string columns_of(const TableLayout& layout, const TypeNames& types, const std::string& before,
                       const std::string& between, const std::string& after) {
  std::string text;
  for (const auto& column : layout.columns) {
    if (!text.empty()) text += ",\n";
    text.append(before).append(column.name).append(between).append(types.of(column.type)).append(after);
  }
  return text;
}

bool has_timestamp(const TableLayout& layout) {
  for (const auto& column : layout.columns)
    if (column.name == "timestamp") return true;
  return false;
}

}  // namespace

std::string duckdb_statement(const TableLayout& layout, const TableName& table) {
  const std::string time = has_timestamp(layout) ? ", make_timestamp(\"timestamp\" * 1000) AS \"time\"" : "";
  return "CREATE OR REPLACE VIEW " + table.text + " AS\nSELECT *" + time + "\nFROM read_json('" +
         layout.glob() +
         "',\n  format = 'newline_delimited', compression = 'gzip', filename = true,\n  columns = {\n" +
         columns_of(layout, kDuckdb, "    '", "': '", "'") + "\n  });\n";
}

std::string spark_statement(const TableLayout& layout, const TableName& table) {
  std::string path = layout.glob();
  if (layout.in_bucket()) path.replace(0, 5, "s3a://");
  return "CREATE OR REPLACE TEMPORARY VIEW " + table.text + " (\n" +
         columns_of(layout, kSpark, "  `", "` ", "") + "\n)\nUSING json\nOPTIONS (path '" + path +
         "', mode 'FAILFAST');\n";
}

Result<std::string> clickhouse_statement(const TableLayout& layout, const TableName& table,
                                         const StoreConfig& store) {
  if (!layout.in_bucket()) return invalid("ClickHouse's s3() reads buckets; store.type is file");
  CISTERN_TRY(const auto bucket, resolve_s3_endpoint({store.bucket, store.region, store.endpoint,
                                                      store.path_style, store.dual_stack, store.fips}));
  const std::string base = std::string(bucket.server.tls ? "https://" : "http://") +
                           bucket.server.authority() + bucket.bucket_path + "/";
  // A view, since a table of that engine can have no computed column.
  const std::string time = has_timestamp(layout) ? ", fromUnixTimestamp64Milli(`timestamp`) AS `time`" : "";
  return "CREATE OR REPLACE VIEW " + table.text + " AS\nSELECT *" + time + "\nFROM s3('" + base +
         layout.glob().substr(layout.root.size()) + "', 'JSONEachRow',\n  '" +
         columns_of(layout, kClickhouse, "`", "` ", "") + "',\n  'gzip');\n";
}

}  // namespace cistern

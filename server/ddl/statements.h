// The statements that make a table or view of the archive, by query engine. Pure text of a layout.
#pragma once

#include <string>

#include "server/ddl/table_layout.h"

namespace cistern {

struct TableName {
  std::string text;    // letters, digits and _
  int since_year = 0;  // of the earliest event, for engines that enumerate hours
};

// Partition projection over the key template, so that no partition is ever added: one column of type `date`
// where the template has the time's digits in a row, otherwise one a digit group; values of events must be
// given in a query (`injected`), percent-encoded as they stand in keys. Error `invalid`: not in a bucket.
Result<std::string> athena_statement(const TableLayout& layout, const TableName& table);

std::string duckdb_statement(const TableLayout& layout, const TableName& table);

std::string spark_statement(const TableLayout& layout, const TableName& table);

// With the URL that the store itself uses. Error `invalid`: not in a bucket, or the store has none.
Result<std::string> clickhouse_statement(const TableLayout& layout, const TableName& table,
                                         const StoreConfig& store);

}  // namespace cistern

// See command_ddl.h.
#include "server/command_ddl.h"

#include <ostream>

#include <CLI/CLI.hpp>

#include "pipeline/error_codes.h"
#include "server/ddl/statements.h"
#include "server/exit_codes.h"

namespace cistern {
namespace {

constexpr const char* kDdlAfter = R"(
From the running configuration: columns of format.fields, objects where partition.key and store put them. Dead letters
and events whose time is out of range are left out.

Examples:
  cistern ddl --for athena                             paste it into Athena's console
  duckdb -init <(cistern ddl --for duckdb)             then: SELECT count(*) FROM logs
Athena: WHERE hour >= '2026/11/21/00' reads only those hours; with keys like year={yyyy}/..., WHERE year = 2026 AND ...
Values in keys must be given, as they stand there: WHERE in_log_group = '%2Fapp%2Fweb'.)";

int year_of(int64_t wall_ms) {
  constexpr int64_t year_ms = 31'556'952'000;  // its mean; a day off at a year's end is no harm here
  return 1970 + static_cast<int>(wall_ms / year_ms);
}

std::string table_name(const std::string& text) {
  const bool plain =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos && !text.empty();
  return plain && text.size() <= 64 && (text[0] < '0' || text[0] > '9')
             ? ""
             : "must have lower-case letters, digits and _ only, 64 at most";
}

Result<std::string> statement(const DdlCommand& command, const Config& config, int64_t wall_ms) {
  CISTERN_TRY(auto layout, table_layout(config));
  const TableName table{command.table, command.since_year > 0 ? command.since_year : year_of(wall_ms) - 1};
  if (command.engine == "athena") return athena_statement(layout, table);
  if (command.engine == "spark") return spark_statement(layout, table);
  if (command.engine == "clickhouse") return clickhouse_statement(layout, table, config.store);
  return duckdb_statement(layout, table);
}

}  // namespace

void add_ddl_options(CLI::App& ddl, DdlCommand& command) {
  ddl.footer(kDdlAfter);
  ddl.add_option("--for", command.engine, "athena, duckdb, spark or clickhouse")
      ->required()
      ->check(CLI::IsMember({"athena", "duckdb", "spark", "clickhouse"}))
      ->type_name("ENGINE");
  ddl.add_option("--table", command.table, "What to call it")
      ->type_name("NAME")
      ->check(CLI::Validator(table_name, "", ""))
      ->capture_default_str();
  ddl.add_option("--since", command.since_year,
                 "Year of the earliest event, for Athena; otherwise last year's")
      ->type_name("YEAR")
      ->check(CLI::Range(1970, 9999));
}

int run_ddl(const DdlCommand& command, const Config& config, int64_t wall_ms, std::ostream& out,
            std::ostream& errors) {
  const auto made = statement(command, config, wall_ms);
  if (!made) {
    errors << "cistern ddl: " << coded("no_statement", made.error().what) << "\n";
    return kExitFailed;
  }
  out << made.value();
  return kExitOk;
}

}  // namespace cistern

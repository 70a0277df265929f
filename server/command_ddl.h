// `cistern ddl`: the statement by which a query engine reads this archive.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "server/config.h"

namespace CLI {
class App;
}

namespace cistern {

struct DdlCommand {
  std::string engine;  // athena, duckdb, spark, clickhouse
  std::string table = "logs";
  int since_year = 0;  // 0: the year before this one
};

void add_ddl_options(CLI::App& ddl, DdlCommand& command);

// kExitFailed, and why on `errors`, where the engine cannot read this archive.
int run_ddl(const DdlCommand& command, const Config& config, int64_t wall_ms, std::ostream& out,
            std::ostream& errors);

}  // namespace cistern

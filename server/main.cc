// The process's entrance: command line, configuration, and the command. What runs is built in
// server/service.cc.
#include <iostream>

#include <sched.h>
#include <sys/resource.h>

#include "pipeline/error_codes.h"
#include "pipeline/store/file_store.h"
#include "server/check_credentials.h"
#include "server/command_check.h"
#include "server/command_health.h"
#include "server/command_journal.h"
#include "server/command_line.h"
#include "server/config/printer.h"
#include "server/config/sources.h"
#include "server/exit_codes.h"
#include "server/http_get.h"
#include "server/iam_policy.h"
#include "server/logging.h"
#include "server/make_store.h"
#include "server/send/run_send.h"
#include "server/service.h"
#include "server/spare_memory.h"
#include "server/version.h"

namespace cistern {
namespace {

// What is woken waits for a tick instead of interrupting what runs: under full load a delivery's decoding was
// interrupted a dozen times, and its thread's caches with it. Nothing is lost where it is not allowed.
void work_in_batches() {
  const sched_param none{};
  sched_setscheduler(0, SCHED_BATCH, &none);
}

// Each connection is a file descriptor: of these, what the system allows at most.
void allow_connections() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

int serve(const ConfigSources& sources, const LoadedConfig& loaded) {
  bound_malloc();
  work_in_batches();
  allow_connections();
  set_logging(loaded.config);
  Service service(loaded, [sources] { return load_config(sources); });
  if (const auto built = service.build(); !built) {
    log_error("not_started", built.error().what,
              {{"code", code_of_event(service.failure())}, {"configuration", loaded.source}});
    return built.error().kind == ErrorKind::invalid ? kExitConfiguration : kExitFailed;
  }
  service.run();
  return kExitOk;
}

int check(const LoadedConfig& loaded, bool text_only) {
  if (text_only) {
    print_effective_config(loaded, std::cout);
    return kExitOk;
  }
  set_log_level(LogLevel::warning);  // what is fetched is told as the answer
  const StoreConfig& config = loaded.config.store;
  const Runtime clock(loaded.config.runtime);
  const auto disk = make_posix_disk();
  const auto try_store = [&]() -> Result<std::string> {
    Runtime runtime(loaded.config.runtime);
    CISTERN_TRY(auto store, make_store(config, *disk, runtime));
    return runtime.wait_for(store->check());
  };
  const auto try_credentials = [&]() -> Result<std::string> {
    Runtime runtime(loaded.config.runtime);
    return check_credentials(config, *disk, runtime);
  };
  CheckDoors doors{*disk, clock.wall_ms(), try_store};
  if (config.type == "s3") doors.credentials = try_credentials;
  return run_check(loaded, doors, std::cout);
}

int journal(const JournalCommand& command) {
  Runtime runtime({});
  const auto disk = make_posix_disk();
  const auto write_out = [&](const JournalReader& reader) -> Result<Exported> {
    const auto folder = make_file_store({command.to, ""}, *disk, runtime.store());
    return runtime.wait_for(export_unstored(reader, *folder));
  };
  return run_journal(command, {*disk, write_out}, std::cout, std::cerr);
}

int top(TopCommand command, const Result<Endpoint>& endpoint) {
  if (!endpoint) {
    std::cerr << endpoint.error().what << "\n";
    return kExitUsage;
  }
  command.colour = process_environment().value("NO_COLOR").value_or("").empty();
  return run_top(command, endpoint.value(), std::cout, std::cerr);
}

Result<Endpoint> where_it_listens(const Config& config) {
  if (config.metrics_listen) return reachable(*config.metrics_listen);
  return invalid("metrics.listen is off: there is nothing to ask");
}

int run(const CommandLine& line, const SendOptions& send) {
  using Command = CommandLine::Command;
  if (line.command == Command::send || line.command == Command::redrive) return run_send(send);
  if (line.command == Command::version) {
    std::cout << "cistern " << version_text() << "\n";
    return kExitOk;
  }
  if (line.command == Command::completion || line.command == Command::man) {
    std::cout << line.printed;
    return kExitOk;
  }
  if (line.check_settings) {
    std::cout << config_reference();
    return kExitOk;
  }
  if (line.command == Command::journal && !line.journal.path.empty()) return journal(line.journal);
  if (line.command == Command::top && !line.top.url.empty()) return top(line.top, endpoint_of(line.top.url));
  if (line.command == Command::config) return run_config(line.config, std::cout);
  if (line.command == Command::init) return run_init(line.init, Runtime({}).wall_ms(), std::cout, std::cerr);
  const ConfigSources sources{line.config_file, process_environment()};
  const auto loaded = load_config(sources);
  if (!loaded) {
    std::cerr << coded("wrong_configuration", loaded.error().what) << "\n";
    return kExitConfiguration;
  }
  if (line.command == Command::top) return top(line.top, where_it_listens(loaded.value().config));
  if (line.command == Command::health) return run_health(loaded.value().config, std::cout);
  if (line.command == Command::journal) {
    JournalCommand command = line.journal;
    command.path = loaded.value().config.journal.path;
    return journal(command);
  }
  if (line.command == Command::ddl)
    return run_ddl(line.ddl, loaded.value().config, Runtime({}).wall_ms(), std::cout, std::cerr);
  if (line.command == Command::lifecycle)
    return run_lifecycle(line.lifecycle, loaded.value().config.store, std::cout, std::cerr);
  if (line.check_iam) return print_iam_policy(loaded.value().config, std::cout, std::cerr);
  if (line.command == Command::check) return check(loaded.value(), line.check_text_only);
  return serve(sources, loaded.value());
}

}  // namespace
}  // namespace cistern

int main(int count, char** arguments) {
  using namespace cistern;
  SendOptions send;
  const auto parsed = parse_command_line(
      std::vector<std::string>(arguments + 1, arguments + count),
      [&send](CLI::App& app) { add_send_options(app, send); },
      [&send](CLI::App& app) { add_redrive_options(app, send); });
  if (const auto* early = std::get_if<EarlyExit>(&parsed)) {
    (early->code == kExitOk ? std::cout : std::cerr) << early->text;
    return early->code;
  }
  const auto& line = std::get<CommandLine>(parsed);
  send.redrive = line.command == CommandLine::Command::redrive;
  return run(line, send);
}

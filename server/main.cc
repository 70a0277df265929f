// The process's entrance: command line, configuration, and the command. What runs is built in
// server/service.cc.
#include <iostream>

#include <unistd.h>

#include "server/command_check.h"
#include "server/command_health.h"
#include "server/command_line.h"
#include "server/config/printer.h"
#include "server/config/sources.h"
#include "server/exit_codes.h"
#include "server/iam_policy.h"
#include "server/make_store.h"
#include "server/send/run_send.h"
#include "server/service.h"
#include "server/version.h"

namespace cistern {
namespace {

void set_logging(const Config& config) {
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  set_log_level(config.log_level);
  set_log_format(config.log_format.value_or(terminal ? LogFormat::text : LogFormat::json));
}

int serve(const ConfigSources& sources, const LoadedConfig& loaded) {
  set_logging(loaded.config);
  Service service(loaded.config, [sources]() -> Result<Config> {
    CISTERN_TRY(auto again, load_config(sources));
    return std::move(again.config);
  });
  if (const auto built = service.build(); !built) {
    log_error("not_started", built.error().what, {{"configuration", loaded.source}});
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
  Runtime runtime(loaded.config.runtime);
  const auto disk = make_posix_disk();
  const auto try_store = [&]() -> Result<std::string> {
    CISTERN_TRY(auto store, make_store(loaded.config.store, *disk, runtime));
    return runtime.wait_for(store->check());
  };
  return run_check(loaded, {*disk, runtime.wall_ms(), try_store}, std::cout);
}

int run(const CommandLine& line, const SendOptions& send) {
  using Command = CommandLine::Command;
  if (line.command == Command::send) return run_send(send);
  if (line.command == Command::version) {
    std::cout << "cistern " << version_text() << "\n";
    return kExitOk;
  }
  if (line.check_settings) {
    std::cout << config_reference();
    return kExitOk;
  }
  const ConfigSources sources{line.config_file, process_environment()};
  const auto loaded = load_config(sources);
  if (!loaded) {
    std::cerr << loaded.error().what << "\n";
    return kExitConfiguration;
  }
  if (line.command == Command::health) return run_health(loaded.value().config, std::cout);
  if (line.check_iam) return print_iam_policy(loaded.value().config, std::cout, std::cerr);
  if (line.command == Command::check) return check(loaded.value(), line.check_text_only);
  return serve(sources, loaded.value());
}

}  // namespace
}  // namespace cistern

int main(int count, char** arguments) {
  using namespace cistern;
  SendOptions send;
  const auto parsed = parse_command_line(std::vector<std::string>(arguments + 1, arguments + count),
                                         [&send](CLI::App& app) { add_send_options(app, send); });
  if (const auto* early = std::get_if<EarlyExit>(&parsed)) {
    (early->code == kExitOk ? std::cout : std::cerr) << early->text;
    return early->code;
  }
  return run(std::get<CommandLine>(parsed), send);
}

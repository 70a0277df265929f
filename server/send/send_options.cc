#include "server/send/send_options.h"

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include <CLI/CLI.hpp>

#include "pipeline/ascii.h"

namespace cistern {
namespace {

constexpr size_t kMaxAccessKey = 4096;

// "250ms", "90s", "5m", "2h", "14d"; a bare number is seconds.
int64_t parse_duration(const std::string& name, const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(end, text.data() + text.size());
  const std::pair<const char*, double> units[] = {{"", 1e3},   {"ms", 1},     {"s", 1e3},
                                                  {"m", 60e3}, {"h", 3600e3}, {"d", 86400e3}};
  for (const auto& [known, factor] : units) {
    if (error == std::errc() && unit == known && number >= 0 && number * factor < 1e15) {
      return static_cast<int64_t>(number * factor);
    }
  }
  throw CLI::ValidationError(name,
                             "'" + text + "' is not a duration: write for example 250ms, 90s, 5m or 14d");
}

double parse_fraction(const std::string& name, const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= 0 && number <= 1) return number;
  throw CLI::ValidationError(name, "'" + text + "' is not a fraction: write a number from 0 to 1");
}

void duration_option(CLI::App& command, const std::string& name, int64_t& value, const std::string& help) {
  command
      .add_option_function<std::string>(
          name, [name, &value](const std::string& text) { value = parse_duration(name, text); }, help)
      ->type_name("DURATION");
}

void fraction_option(CLI::App& command, const std::string& name, double& value, const std::string& help) {
  command
      .add_option_function<std::string>(
          name, [name, &value](const std::string& text) { value = parse_fraction(name, text); }, help)
      ->type_name("FRACTION");
}

void add_attribute(SendOptions& options, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) {
    throw CLI::ValidationError("--attributes", "'" + text + "' is not NAME=VALUE");
  }
  options.attributes.emplace_back(text.substr(0, equals), text.substr(equals + 1));
}

void set_late(SendOptions& options, const std::string& text) {
  const size_t colon = text.find(':');
  options.late = parse_fraction("--late", text.substr(0, colon));
  if (colon != std::string::npos) options.late_age_ms = parse_duration("--late", text.substr(colon + 1));
}

void add_endpoint_options(CLI::App& command, SendOptions& options) {
  command.add_option("--url", options.url, "Where to send to")->group("Endpoint")->capture_default_str();
  command
      .add_option("--access-key-file", options.access_key_file,
                  "File with the access key; without it the variable CISTERN_ACCESS_KEY counts")
      ->type_name("FILE")
      ->group("Endpoint");
  command
      .add_option("--access-key", options.access_key,
                  "The access key itself; it shows in the list of processes")
      ->group("Endpoint");
  command.add_option("--ca", options.ca_file, "PEM file of the authority to trust, instead of the system's")
      ->type_name("FILE")
      ->group("Endpoint");
  command.add_flag("--insecure", options.insecure, "Do not check the server's certificate")
      ->group("Endpoint");
  command.add_option("--source-arn", options.source_arn, "The delivery stream to appear as")
      ->group("Endpoint");
  command
      .add_option_function<std::vector<std::string>>(
          "--attributes",
          [&options](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) add_attribute(options, text);
          },
          "A common attribute; may be given several times")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->group("Endpoint");
}

void add_amount_options(CLI::App& command, SendOptions& options) {
  command.add_option("FILE", options.files,
                     "Files with log lines, - for standard input; without any, lines are made up");
  command.add_option(
      "--events", options.events,
      "End after so many events (files are read again as often as it takes); 10000 if nothing else "
      "sets an end");
  duration_option(command, "--duration", options.duration_ms, "End after so long");
  command.add_option("--rate", options.rate, "Deliveries a second; as fast as they are answered without it")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--connections", options.connections, "Deliveries under way at once")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command.add_flag("--prepare", options.prepare,
                   "Make all bodies before the clock starts; they stay in memory");
  command.add_option("--seed", options.seed, "Makes the lines and what is done with them repeatable");
}

void add_shape_options(CLI::App& command, SendOptions& options) {
  const std::string group = "Shape";
  command.add_option("--events-per-record", options.events_per_record, "Log events in one CloudWatch record")
      ->check(CLI::Range(1, 1'000'000))
      ->group(group)
      ->capture_default_str();
  command
      .add_option("--records-per-delivery", options.records_per_delivery, "Records in one delivery, at most")
      ->check(CLI::Range(1, 10'000))
      ->group(group)
      ->capture_default_str();
  command.add_option("--size", options.size, "End a delivery once its body has this size, e.g. 4MiB")
      ->transform(CLI::AsSizeValue(false))
      ->group(group)
      ->capture_default_str();
  command.add_flag("--gzip", options.gzip, "Compress bodies (Content-Encoding: gzip)")->group(group);
  command.add_option("--groups", options.groups, "Different log groups")
      ->check(CLI::Range(1, 1'000'000))
      ->group(group)
      ->capture_default_str();
  command.add_option("--streams", options.streams, "Different log streams in each group")
      ->check(CLI::Range(1, 1'000'000))
      ->group(group)
      ->capture_default_str();
  command
      .add_option("--spread", options.spread_hours,
                  "Spread the event times of each record over the last HOURS")
      ->check(CLI::Range(0.0, 24.0 * 14))
      ->type_name("HOURS")
      ->group(group);
}

void add_trouble_options(CLI::App& command, SendOptions& options) {
  command
      .add_option_function<std::string>(
          "--late", [&options](const std::string& text) { set_late(options, text); },
          "Records whose events are up to AGE old (14d if it is left out)")
      ->type_name("FRACTION[:AGE]");
  fraction_option(command, "--control", options.control, "Records that are control messages");
  fraction_option(
      command, "--nasty", options.nasty,
      "Records out of the ordinary: broken, empty, bare text, several envelopes, huge messages, ...");
  fraction_option(command, "--repeat", options.repeat, "Deliveries sent once more under the same id");
  for (const char* name : {"--late", "--control", "--nasty", "--repeat"}) {
    command.get_option(name)->group("Out of the ordinary");
  }
}

void add_retry_options(CLI::App& command, SendOptions& options) {
  duration_option(command, "--retry-duration", options.retry_duration_ms,
                  "How long to wait between tries of a delivery, all waits together [300s]; 0: try once");
  duration_option(command, "--answer-timeout", options.answer_timeout_ms,
                  "How long to wait for an answer [180s]");
  command
      .add_option("--back-off-scale", options.back_off_scale, "Multiplies the waits between tries; for tests")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  for (const char* name : {"--retry-duration", "--answer-timeout", "--back-off-scale"}) {
    command.get_option(name)->group("Retries");
  }
}

void add_report_options(CLI::App& command, SendOptions& options) {
  command
      .add_option("--acknowledged", options.acknowledged,
                  "Append what was sent and acknowledged to this file, to compare an archive with")
      ->type_name("FILE")
      ->group("Report");
  command.add_flag("--quiet", options.quiet, "No progress and no summary")->group("Report");
  command.add_flag("--json", options.json, "The summary as one line of JSON")->group("Report");
}

Result<> read_access_key(SendOptions& options) {
  if (!options.access_key.empty()) {
    options.warnings.push_back(
        "--access-key shows the key in the list of processes: use --access-key-file or CISTERN_ACCESS_KEY");
  } else if (!options.access_key_file.empty()) {
    std::ifstream file(options.access_key_file, std::ios::binary);
    if (!file) return invalid("the file of --access-key-file cannot be read");
    options.access_key.assign(std::istreambuf_iterator<char>(file), {});
    options.access_key.resize(without_line_end(options.access_key).size());
    if (options.access_key.empty()) return invalid("the file of --access-key-file is empty");
  } else if (const char* value = std::getenv("CISTERN_ACCESS_KEY")) {
    options.access_key = value;
  }
  if (options.access_key.size() > kMaxAccessKey) return invalid("the access key is longer than 4096 bytes");
  for (const char c : options.access_key) {
    if (c == '\r' || c == '\n' || c == '\0') return invalid("the access key has a line break or a NUL in it");
  }
  return ok();
}

}  // namespace

void add_send_options(CLI::App& command, SendOptions& options) {
  add_amount_options(command, options);
  add_endpoint_options(command, options);
  add_shape_options(command, options);
  add_trouble_options(command, options);
  add_retry_options(command, options);
  add_report_options(command, options);
  command.footer(
      "Exit codes: 0 everything was acknowledged; 1 some deliveries were not; 2 the command line is "
      "wrong.\n\n"
      "  cistern send --ca cert.pem --access-key-file access_key app.log\n"
      "  cistern send --insecure --events 1000000 --late 0.1:14d --nasty 0.02 --acknowledged sent.ndjson");
}

void add_redrive_options(CLI::App& command, SendOptions& options) {
  command.add_option("FILE", options.files, "Dead letters: objects of the archive, gzipped or not")
      ->required();
  command.add_option("--connections", options.connections, "Deliveries under way at once")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  add_endpoint_options(command, options);
  add_retry_options(command, options);
  command.add_flag("--quiet", options.quiet, "No progress and no summary")->group("Report");
  command.add_flag("--json", options.json, "The summary as one line of JSON")->group("Report");
  command.footer(
      "Sends the records of dead letters once more, after whatever was in their way is mended. Each delivery "
      "has "
      "an id made of\nwhat is in it: the same file sent twice is stored once, for as long as deliveries are "
      "remembered (journal.remember).\nThe files stay as they are. Exit codes: as of cistern send.\n\n"
      "  cistern redrive --ca cert.pem --access-key-file access_key archive/dead-letters/2026/11/21/08/*.gz");
}

Result<> complete_send_options(SendOptions& options) {
  CISTERN_TRY(read_access_key(options));
  if (options.control + options.nasty > 1) return invalid("--control and --nasty together are more than 1");
  if (options.prepare && options.events == 0 && options.files.empty() && options.duration_ms > 0) {
    return invalid("--prepare needs to know how much to make: give --events");
  }
  if (options.attributes.size() > 50) return invalid("--attributes: Firehose sends at most 50");
  if (options.events == 0 && options.duration_ms == 0 && options.files.empty()) options.events = 10'000;
  while (options.seed == 0) options.seed = std::random_device()();
  return ok();
}

}  // namespace cistern

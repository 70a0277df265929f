// What `cistern send` can be told. send_options.cc is the only place of the command that reads the command
// line and the environment.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/result.h"

namespace CLI {
class App;
}

namespace cistern {

struct SendOptions {
  std::string url = "https://127.0.0.1:8443/";
  std::string access_key;  // secret; empty: no such header
  std::string access_key_file;
  std::string ca_file;  // PEM; empty: the system's certificates
  bool insecure = false;

  std::vector<std::string> files;  // "-": standard input; empty: lines are made up
  bool redrive = false;            // the files hold dead letters, whose records are sent once more

  // How much. 0: no bound by this.
  uint64_t events = 0;
  int64_t duration_ms = 0;
  double rate = 0;  // deliveries a second
  uint64_t connections = 2;

  // The shape of deliveries.
  uint64_t events_per_record = 100;
  uint64_t records_per_delivery = 50;
  uint64_t size = 4ull << 20;  // of a body, before --gzip: no further record once it is reached
  bool gzip = false;
  uint64_t groups = 4;
  uint64_t streams = 4;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::string source_arn = "arn:aws:firehose:us-east-1:123456789012:deliverystream/cistern-send";

  // What is out of the ordinary; fractions of records, `repeat` of deliveries.
  double late = 0;
  int64_t late_age_ms = 14ll * 24 * 3600 * 1000;
  double spread_hours = 0;  // event times of each record go back this far
  double control = 0;
  double nasty = 0;
  double repeat = 0;

  int64_t retry_duration_ms = 300'000;
  int64_t answer_timeout_ms = 180'000;
  double back_off_scale = 1;
  uint64_t seed = 0;  // 0: a random one
  bool prepare = false;

  std::string acknowledged;  // file to append to; empty: none
  bool quiet = false;
  bool json = false;

  std::vector<std::string> warnings;  // for the person who started it; filled by complete_send_options()
};

// Declares every option on `command`; parsing fills `options`, which must outlive the command.
void add_send_options(CLI::App& command, SendOptions& options);

// The same for `cistern redrive`, which has less of them.
void add_redrive_options(CLI::App& command, SendOptions& options);

// To be called after parsing: reads the access key from its file or the environment and checks what one
// option alone cannot. Error `invalid`: says which option is wrong and what to give instead.
Result<> complete_send_options(SendOptions& options);

}  // namespace cistern

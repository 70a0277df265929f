#include "server/top/top_screen.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "server/status/figures.h"

namespace cistern {
namespace {

using Json = nlohmann::ordered_json;
using Lines = std::vector<TopLine>;

constexpr double kWarnShare = 0.7, kBadShare = 0.9;

std::string text(const Json& value) { return value.is_string() ? value.get<std::string>() : "-"; }

std::string figure(const Json& value, const char* format) {
  return value.is_number() ? figures::by_name(format, value.get<double>()) : "-";
}

std::string per_second(const Json& value, const char* format) { return figure(value, format) + "/s"; }

void add_head(const Json& status, Lines& lines) {
  const Json& service = status.at("service");
  const bool ready = status.at("readiness").at("ready");
  TopLine line("cistern " + text(service.at("version")), Look::bold);
  line.add("  " + text(service.at("host")) + "  ");
  line.add(ready ? "ready" : "NOT READY", ready ? Look::good : Look::bad);
  line.add("  up " + figure(service.at("uptime_seconds"), "span") + "  journal " +
               text(service.at("journal_id")) + "  " + text(status.at("made_at")),
           Look::dim);
  lines.push_back(line);
  for (const Json& note : status.at("readiness").at("reasons"))
    lines.emplace_back(text(note.at("part")) + ": " + text(note.at("text")), Look::bad);
  for (const Json& note : status.at("readiness").at("warnings"))
    lines.emplace_back(text(note.at("part")) + ": " + text(note.at("text")), Look::warning);
}

void add_figures(const Json& status, Lines& lines) {
  const Json& deliveries = status.at("deliveries");
  const Json& acknowledged = status.at("acknowledgement");
  const Json& journal = status.at("journal");
  auto row = [&](const char* name, const std::string& first, const std::string& second, const char* other,
                 const std::string& rest) {
    TopLine line;
    line.left(name, 12, Look::dim).right(first, 11, Look::bold).right(second, 13).add("   ");
    lines.push_back(line.left(other, 16, Look::dim).add(rest));
  };
  lines.emplace_back();
  row("deliveries", per_second(deliveries.at("per_second"), "rate"),
      per_second(deliveries.at("received_bytes_per_second"), "bytes"), "acknowledged in",
      figure(acknowledged.at("p50_seconds"), "latency") + ", 90 % " +
          figure(acknowledged.at("p90_seconds"), "latency") + ", 99 % " +
          figure(acknowledged.at("p99_seconds"), "latency") + " (" + text(acknowledged.at("mode")) + ")");
  row("log events", per_second(deliveries.at("events_per_second"), "rate"),
      per_second(deliveries.at("log_bytes_per_second"), "bytes"), "not yet stored",
      figure(journal.at("unstored_bytes"), "bytes") + ", oldest " +
          figure(journal.at("oldest_unstored_seconds"), "span"));
}

void add_answers(const Json& status, Lines& lines) {
  TopLine line;
  line.left("answers", 12, Look::dim);
  for (const Json& each : status.at("deliveries").at("by_status")) {
    if (each.at("total") == 0) continue;
    line.add(" " + text(each.at("status")) + ": ", Look::dim);
    line.add(figure(each.at("total"), "count") + " ", each.at("refused") ? Look::warning : Look::plain);
  }
  lines.push_back(line);
}

void add_limits(const Json& status, Lines& lines) {
  lines.emplace_back();
  lines.push_back(TopLine("LIMITS", Look::bold));
  for (const Json& limit : status.at("limits")) {
    const char* format = limit.at("in_bytes") ? "bytes" : "count";
    const double share = std::min(1.0, limit.at("share").get<double>());
    const auto full = static_cast<size_t>(std::lround(share * 20));
    const Look look = share >= kBadShare ? Look::bad : share >= kWarnShare ? Look::warning : Look::plain;
    TopLine line;
    line.left(text(limit.at("name")), 22).right(figure(limit.at("used"), format), 11, look);
    line.add(" of ", Look::dim).right(figure(limit.at("limit"), format), 10).add("  [");
    line.add(std::string(full, '#'), look).add(std::string(20 - full, '.'), Look::dim).add("]");
    lines.push_back(line.right(figure(limit.at("share"), "share"), 9));
  }
}

void add_open(const Json& status, size_t most, Lines& lines) {
  const Json& open = status.at("open");
  lines.emplace_back();
  TopLine head("OPEN PARTITIONS", Look::bold);
  if (open.at("counted_at").is_null()) return lines.push_back(head.add("  not counted yet", Look::dim));
  head.add("  " + figure(open.at("partitions"), "count") + " with " + figure(open.at("events"), "count") +
               " events, " + figure(open.at("bytes"), "bytes") + ", oldest " +
               figure(open.at("oldest_seconds"), "span"),
           Look::dim);
  lines.push_back(head);
  for (const Json& each : open.at("largest")) {
    if (most-- == 0) break;
    TopLine line;
    line.left(text(each.at("key")), 40).right(figure(each.at("bytes"), "bytes"), 11);
    line.right(figure(each.at("events"), "count"), 13).add(" events", Look::dim);
    lines.push_back(line.right(figure(each.at("oldest_seconds"), "span"), 11));
  }
}

void add_uploads(const Json& status, size_t most, Lines& lines) {
  const Json& uploads = status.at("uploads");
  lines.emplace_back();
  TopLine head("UPLOADS", Look::bold);
  head.add("  " + figure(uploads.at("in_flight"), "count") + " of " + figure(uploads.at("at_once"), "count") +
               ", stored " + figure(uploads.at("stored_objects"), "count") + " objects, " +
               figure(uploads.at("stored_bytes"), "bytes"),
           Look::dim);
  lines.push_back(head);
  size_t left = most;
  for (const Json& each : uploads.at("list")) {
    if (left-- == 0) break;
    TopLine line;
    line.left(text(each.at("key")), 40).right(figure(each.at("bytes"), "bytes"), 11);
    line.add("  ").left(text(each.at("state")), 13, each.at("error").is_null() ? Look::plain : Look::bad);
    lines.push_back(line.add(" since " + figure(each.at("seconds"), "span") + ", tries " +
                             figure(each.at("tries"), "count")));
  }
  left = most;
  for (const Json& error : uploads.at("last_errors")) {
    if (left-- == 0) break;
    TopLine line;
    line.right(figure(error.at("seconds_ago"), "span"), 8).add(" ago, ");
    line.right(figure(error.at("times"), "count"), 3).add("x ");
    const bool permanent = error.at("permanent");
    line.add(permanent ? "refused" : "failed", permanent ? Look::bad : Look::warning);
    lines.push_back(line.add(", see " + text(error.at("runbook")) + ": " + text(error.at("text"))));
  }
}

void add_keys(const Json& status, Lines& lines) {
  lines.emplace_back();
  TopLine keys("KEYS ", Look::bold);
  for (const Json& key : status.at("access_keys").at("list")) {
    keys.add(" " + text(key.at("name")) + ": ").add(figure(key.at("deliveries"), "count"));
    const bool used = !key.at("last_used_at").is_null();
    keys.add(used ? " (" + figure(key.at("seconds_since_use"), "span") + " ago) " : " (not used) ",
             Look::dim);
  }
  lines.push_back(keys);
  TopLine dead("DEAD LETTERS ", Look::bold);
  if (status.at("dead_letters").at("total") == 0) dead.add(" none", Look::dim);
  for (const Json& each : status.at("dead_letters").at("by_reason"))
    if (each.at("records") != 0)
      dead.add(" " + text(each.at("reason")) + ": ").add(figure(each.at("records"), "count"), Look::warning);
  lines.push_back(dead);
}

}  // namespace

Result<Json> read_status(const std::string& text) {
  Json status = Json::parse(text, nullptr, false);
  if (!status.is_object() || status.value("document", "") != "cistern-status-1")
    return retry("an answer that is not a status document; is it a Cistern of this version?");
  return status;
}

Lines top_screen(const Json& status, size_t rows) {
  constexpr size_t kOthers = 22;  // lines that are always there
  const size_t listed = rows > kOthers + 6 ? (rows - kOthers) / 3 : 2;
  Lines lines;
  add_head(status, lines);
  add_figures(status, lines);
  add_answers(status, lines);
  add_limits(status, lines);
  add_uploads(status, listed, lines);
  add_keys(status, lines);
  add_open(status, rows > lines.size() + 4 ? rows - lines.size() - 2 : 2, lines);
  return lines;
}

}  // namespace cistern

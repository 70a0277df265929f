#include "server/send/envelope_writer.h"

#include "server/send/json_string.h"

namespace cistern {
namespace {

void write_event(const SentEvent& event, const SentEnvelope& envelope, std::string& out) {
  out += R"({"id":")";
  out += event.id;
  out += R"(","timestamp":)";
  out += std::to_string(event.timestamp_ms);
  out += R"(,"message":)";
  append_json_string(event.message, out);
  if (envelope.system_fields) {
    out += R"(,"extractedFields":{"@aws.account":")" + envelope.owner + R"(","@aws.region":"us-east-1"})";
  }
  if (envelope.unknown_members) out += R"(,"entity":{"keyAttributes":{"Type":"Service","n":[1,2.5e3,null]}})";
  out += '}';
}

}  // namespace

void write_envelope(const SentEnvelope& envelope, std::string& out) {
  out += R"({"messageType":"DATA_MESSAGE","owner":)";
  append_json_string(envelope.owner, out);
  out += R"(,"logGroup":)";
  append_json_string(envelope.log_group, out);
  out += R"(,"logStream":)";
  append_json_string(envelope.log_stream, out);
  out += R"(,"subscriptionFilters":["cistern-send"],)";
  if (envelope.unknown_members) out += R"("ingestion":{"shards":[[],{}],"final":true},)";
  out += R"("logEvents":[)";
  for (size_t i = 0; i < envelope.events.size(); ++i) {
    if (i > 0) out += ',';
    write_event(envelope.events[i], envelope, out);
  }
  out += ']';
  if (envelope.account_policy) out += R"(,"policyLevel":"ACCOUNT_LEVEL_POLICY")";
  out += '}';
}

void write_control_message(int64_t timestamp_ms, std::string& out) {
  out += R"({"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"",)"
         R"("subscriptionFilters":[],"logEvents":[{"id":"","timestamp":)";
  out += std::to_string(timestamp_ms);
  out += R"(,"message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]})";
}

std::string gzip_record(Gzip& gzip, std::string_view json) {
  Buffer out;
  gzip.run(json, Level{6}, out);
  return std::string(out.view());
}

}  // namespace cistern

// Events -> the CloudWatch Logs subscription envelope -> a record's bytes. Pure functions; the member order
// is that of captured records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/codec.h"
#include "server/send/sent_envelope.h"

namespace cistern {

// Appends the envelope as compact one-line JSON.
void write_envelope(const SentEnvelope& envelope, std::string& out);

// Appends the message that CloudWatch sends when a subscription filter is made, as it was captured.
void write_control_message(int64_t timestamp_ms, std::string& out);

// One gzip member of the level CloudWatch uses.
std::string gzip_record(Gzip& gzip, std::string_view json);

}  // namespace cistern

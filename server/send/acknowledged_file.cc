#include "server/send/acknowledged_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "pipeline/digest.h"
#include "server/send/json_string.h"

namespace cistern {
namespace {

Error failed(std::string_view what) {
  return invalid("the file of --acknowledged cannot be " + std::string(what) + ": " + std::strerror(errno));
}

// The part of an event's line that all events of an envelope share.
std::string origin_text(const SentEnvelope& envelope) {
  std::string text = R"(,"owner":)";
  append_json_string(envelope.owner, text);
  text += R"(,"logGroup":)";
  append_json_string(envelope.log_group, text);
  text += R"(,"logStream":)";
  append_json_string(envelope.log_stream, text);
  return text + R"(,"sha256":")";
}

}  // namespace

void claim_record(const SentRecord& record, std::string_view request_id, std::string& claims) {
  const std::string end = R"(","requestId":")" + std::string(request_id) + "\"}\n";
  if (record.dead) {
    claims += R"({"dead":true,"sha256":")" + hex(sha256(record.datum)) + end;
    return;
  }
  for (const SentEnvelope& envelope : record.envelopes) {
    const std::string origin = origin_text(envelope);
    for (const SentEvent& event : envelope.events) {
      claims += R"({"id":")";
      claims += event.id;
      claims += R"(","timestamp":)";
      claims += std::to_string(event.timestamp_ms);
      claims += origin;
      claims += hex(sha256(event.message));
      claims += end;
    }
  }
}

Result<std::unique_ptr<AcknowledgedFile>> AcknowledgedFile::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return failed("opened");
  std::unique_ptr<AcknowledgedFile> opened(new AcknowledgedFile(file));
  // An earlier sender may have been killed in the middle of a line.
  char last = '\n';
  const off_t size = ::lseek(file, 0, SEEK_END);
  if (size > 0 && ::pread(file, &last, 1, size - 1) != 1) return failed("read");
  if (last != '\n') {
    CISTERN_TRY(opened->append("\n"));
  }
  return opened;
}

AcknowledgedFile::~AcknowledgedFile() { ::close(file_); }

Result<> AcknowledgedFile::outcome(std::string_view request_id, bool acknowledged) {
  std::string line = R"({"requestId":")" + std::string(request_id) + R"(","acknowledged":)";
  line += acknowledged ? "true}\n" : "false}\n";
  return append(line);
}

Result<> AcknowledgedFile::append(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed("written");
    text.remove_prefix(static_cast<size_t>(written));
  }
  return ok();
}

}  // namespace cistern

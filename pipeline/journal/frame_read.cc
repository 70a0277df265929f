#include "pipeline/journal/frame_read.h"

#include <cstring>

#include "pipeline/digest.h"
#include "pipeline/journal/journal_format.h"
#include "pipeline/little_endian.h"

namespace cistern {

Result<> read_frame(const File* segment, std::string_view journal_id, const FrameRef& ref, Buffer& into) {
  const std::string name = "the frame at offset " + std::to_string(ref.offset) + " of journal segment " +
                           std::to_string(ref.segment);
  if (segment == nullptr) return fatal(name + " was asked for, but its segment is gone");
  const size_t before = into.size(), with_check = kFrameCheckBytes + ref.length;
  into.resize(before + with_check);
  const auto got = segment->read_once_at(ref.offset - kFrameCheckBytes, into.data() + before, with_check);
  const PlaceChecks checks(journal_id, ref.segment);
  const char* const check = into.data() + before;
  const std::string_view frame = into.view().substr(before + kFrameCheckBytes);
  if (got && got.value() == with_check &&
      checks.frame_check(crc32c(frame), ref.offset) == load_little<uint32_t>(check)) {
    std::memmove(into.data() + before, frame.data(), frame.size());
    into.resize(before + frame.size());
    return ok();
  }
  into.resize(before);
  if (!got) return got.error();
  return fatal(name + " is damaged on disk: its checksum does not match");
}

}  // namespace cistern

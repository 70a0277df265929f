#include "pipeline/journal/frame_read.h"

#include "pipeline/digest.h"
#include "pipeline/journal/journal_format.h"
#include "pipeline/little_endian.h"

namespace cistern {

Result<> read_frame(const File* segment, std::string_view journal_id, const FrameRef& ref, Buffer& into) {
  const std::string name = "the frame at offset " + std::to_string(ref.offset) + " of journal segment " +
                           std::to_string(ref.segment);
  if (segment == nullptr) return fatal(name + " was asked for, but its segment is gone");
  char check[kFrameCheckBytes];
  CISTERN_TRY(const size_t got_check, segment->read_at(ref.offset - sizeof check, check, sizeof check));
  const size_t before = into.size();
  into.resize(before + ref.length);
  const auto got = segment->read_at(ref.offset, into.data() + before, ref.length);
  const PlaceChecks checks(journal_id, ref.segment);
  const bool whole = got && got.value() == ref.length && got_check == sizeof check;
  if (whole &&
      checks.frame_check(crc32c(into.view().substr(before)), ref.offset) == load_little<uint32_t>(check)) {
    return ok();
  }
  into.resize(before);
  if (!got) return got.error();
  return fatal(name + " is damaged on disk: its checksum does not match");
}

}  // namespace cistern

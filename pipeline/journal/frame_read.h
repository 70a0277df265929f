// One frame, read alone and checked by its own checksum: journal_format.md, "Frames".
#pragma once

#include <string_view>

#include "pipeline/disk.h"
#include "pipeline/journal/journal.h"

namespace cistern {

// Appends the frame at `ref` of a journal with this id; `segment` is its file, null when it is gone. Any
// thread.
Result<> read_frame(const File* segment, std::string_view journal_id, const FrameRef& ref, Buffer& into);

}  // namespace cistern

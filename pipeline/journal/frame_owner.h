// Whose frame it is: the way from where a frame lies to the identities of the delivery that brought it. For
// frames that go bad on disk, so that their delivery is not called stored when it comes again.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "pipeline/disk.h"
#include "pipeline/journal/journal.h"

namespace cistern {

// The identity of the delivery and those of its records. Goes from record to record by their headers; frames
// are not read. Nullopt: that way is damaged too, in the headers or in this delivery's meta. Any thread.
std::optional<std::vector<Digest128>> owner_of_frame(const File& segment, std::string_view journal_id,
                                                     const FrameRef& ref);

}  // namespace cistern

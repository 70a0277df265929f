// Frames of a sealed partition -> the bytes of its object, in pieces that are brought when they are asked
// for: from memory, from the journal, or coalesced again. The bytes are the same every time.
#pragma once

#include <memory>
#include <vector>

#include "pipeline/journal/journal.h"
#include "pipeline/store/object_store.h"

namespace cistern {

// Fills size, digest, the checksums that are wanted, bytes, events and times of an object from its frames, in
// their order; key, journal id and sequence are the caller's. Reads every byte once: call it on a worker.
// Errors: `fatal` for damage in the journal. The journal must outlive the object.
Result<Object> build_object(const FrameReader& journal, std::vector<JournaledFrame> frames,
                            ChecksumsWanted wanted = {});

}  // namespace cistern

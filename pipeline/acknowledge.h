// What a 200 means.
#pragma once

namespace cistern {

enum class Acknowledge {
  memory,   // framed: lost with the process, for those who say so
  durable,  // synced to the journal
  stored,   // in the store: for tasks whose disk does not outlive them
};

}  // namespace cistern

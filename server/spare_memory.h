// What malloc keeps of memory that nobody uses: bounded, and given back before memory_limit is reached.
#pragma once

#include <cstdint>

namespace cistern {

// Left to itself, malloc keeps what large buffers took, in every thread's arena: several times memory_limit.
// What is large is mapped by itself, so that it goes back to the system when it is done with; for the rest,
// frames above all, one arena has all threads take what any of them gave back. (An arena of a thread's own
// also goes back to the system with each object stored, and is faulted in again.) Before there are threads.
void bound_malloc();

// Frames come and go while descriptions of those that wait for the store stay among them: the pages between
// are free and still the process's. One thread at a time.
class SpareMemory {
 public:
  // Gives free pages back to the system if an eighth of `memory_limit`, in bytes, or less is left of it.
  // Cheap when more is left; to be called several times a second. Whether it gave some.
  bool give_back(uint64_t memory_limit);

 private:
  uint64_t lowest_ = 0;  // of the resident set since it last did; 0: it never did
};

}  // namespace cistern

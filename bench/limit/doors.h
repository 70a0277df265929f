// What the way in and the way to the disk cost at least, in CPU time of the thread that does it: receiving
// deliveries over TLS on loopback, and writing frames to a journal and to objects. Blocking calls in one
// thread, nothing but them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/result.h"

namespace cistern {

// CPU seconds per byte received by SSL_read from a thread that sends `body` `times` times, under the
// certificate and key of these PEM files.
Result<double> tls_receive_cost(std::string_view body, int times, const std::string& certificate,
                                const std::string& private_key);

// CPU seconds per byte, of `bytes` written and synced `times` times into a file below `folder` that has its
// blocks already, as a journal's segment; and written once more into a new file, as an object. All past the
// page cache, which copies nothing.
Result<double> disk_cost(const std::string& folder, uint64_t bytes, int times);

}  // namespace cistern

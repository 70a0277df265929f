// A value (a log group's name, an attribute, …) as it stands in a key.
//
// key_safe is one stretch of a folder's name, whatever is in it, rendered so that it can be read back and no
// two values look alike:
//
//   A-Z a-z 0-9 . _ -            themselves; but a '.' at the beginning is %2E
//   every other byte of UTF-8    %XX, upper-case hex: '/' is %2F
//   the empty value              _none       (and a value that is "_none" is %5Fnone)
//   more than `bound` bytes      its beginning, '~', and 32 hex digits of its SHA-256: not readable back,
//                                still no two alike; lines carry the value itself
//
// The others are how keys of other programs look. Two values may look alike in them, and then share a
// partition.
#pragma once

#include <string>
#include <string_view>

namespace cistern {

std::string key_safe(std::string_view value, size_t bound);
// Back; only for what was not cut at the bound.
std::string from_key_safe(std::string_view text);

// '/' parts folders, one at the beginning or end is dropped: /aws/lambda/f is aws/lambda/f. Each folder as
// key_safe; beyond the bound all of it as key_safe, in one folder.
std::string key_folders(std::string_view value, size_t bound);

// As CloudWatch's own exports name a log stream: '/' is '-', what else can be printed is itself
// (2026/11/21/[$LATEST]a is 2026-11-21-[$LATEST]a). { } % \ and control characters, a '.' at the beginning,
// what is empty or beyond the bound: as key_safe.
std::string key_export(std::string_view value, size_t bound);

}  // namespace cistern

// Figures as people read them, for the status page and `cistern top`. page/page.js has the same rules: change
// both, a test compares them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cistern::figures {

std::string bytes(double bytes);         // 0 B, 12.3 KiB, 1.20 GiB
std::string brief(double bytes);         // 0, 12.3K, 1.20G
std::string count(double number);        // 1,234,567
std::string rate(double per_second);     // 0, 0.25, 12.3, 1,234
std::string span(double seconds);        // 4.2 s, 42 s, 3 m 5 s, 2 h 7 m, 3 d 4 h
std::string brief_span(double seconds);  // 42s, 3m, 2h, 3d
std::string latency(double seconds);     // 0.80 ms, 12.3 ms, 1.20 s
std::string share(double share);         // of one: 0.40 %, 12.3 %, 100 %

// By the function's name; `fraction`: 0.25, for attributes. Any other name: count.
std::string by_name(std::string_view name, double value);

}  // namespace cistern::figures

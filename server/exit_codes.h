// What the process's exit code says. 78 is EX_CONFIG of sysexits.h.
#pragma once

namespace cistern {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;          // it was tried and did not work
inline constexpr int kExitUsage = 2;           // the command line is wrong
inline constexpr int kExitConfiguration = 78;  // the configuration is wrong

}  // namespace cistern

// What went wrong, and what the caller should do next. Nothing in handlers/ and pipeline/ throws across a
// function of ours; libraries that throw are caught where they are called.
#pragma once

#include <string>
#include <utility>

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/try.hpp>

namespace cistern {

// The kind is the caller's next action, not the callee's mishap.
enum class ErrorKind {
  invalid,       // the input is wrong: say what, do not try again
  unauthorized,  // the sender is not known
  busy,          // a limit is reached: the sender tries again later
  over_quota,    // the sender's own limit is reached: it tries again later
  retry,         // it may work next time: try again with back-off
  fatal,         // an operator must act; what is acknowledged is kept
};

struct Error {
  ErrorKind kind;
  std::string what;  // for a person: what was wrong and what to do; no secret, printable text
};

inline Error invalid(std::string what) { return {ErrorKind::invalid, std::move(what)}; }
inline Error unauthorized(std::string what) { return {ErrorKind::unauthorized, std::move(what)}; }
inline Error busy(std::string what) { return {ErrorKind::busy, std::move(what)}; }
inline Error over_quota(std::string what) { return {ErrorKind::over_quota, std::move(what)}; }
inline Error retry(std::string what) { return {ErrorKind::retry, std::move(what)}; }
inline Error fatal(std::string what) { return {ErrorKind::fatal, std::move(what)}; }

// Ends the process when a missing value is asked for; the compiler warns when a Result is ignored.
template <class T = void>
using Result = boost::outcome_v2::basic_result<T, Error, boost::outcome_v2::policy::terminate>;

inline auto ok() { return boost::outcome_v2::success(); }

}  // namespace cistern

// CISTERN_TRY(expr): returns the error to the caller. CISTERN_TRY(auto x, expr): otherwise binds the value.
#define CISTERN_TRY(...) BOOST_OUTCOME_TRY(__VA_ARGS__)
// The same in a coroutine.
#define CISTERN_CO_TRY(...) BOOST_OUTCOME_CO_TRY(__VA_ARGS__)

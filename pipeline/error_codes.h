// The one register of what an operator may be told is wrong: a stable code to search for, what it is of, one
// line. deploy/runbook.md has a paragraph for each: what is seen, why, what to do; a test compares. A code is
// never given to something else; the first digit is the part: 1 configuration and command line, 2 edge, 3
// journal, 4 store, 5 commands.
#pragma once

#include <string>
#include <string_view>

namespace cistern {

struct ErrorCode {
  std::string_view code;
  // A log line's `event`, or what a command could not do.
  std::string_view event;
  std::string_view about;
};

inline constexpr ErrorCode kErrorCodes[] = {
    {"CIS-1001", "wrong_command_line", "the command line cannot be understood"},
    {"CIS-1101", "wrong_configuration", "the configuration has mistakes"},
    {"CIS-1102", "reload_refused", "a changed configuration was not taken"},
    {"CIS-1103", "restart_needed", "changed settings wait for a restart"},

    {"CIS-2001", "not_started", "the service could not start"},
    {"CIS-2002", "not_listening", "an address cannot be listened on"},
    {"CIS-2101", "certificate_not_loaded", "certificate or private key cannot be used at the start"},
    {"CIS-2102", "certificate_refused", "a changed certificate or private key was not taken"},
    {"CIS-2201", "access_keys_not_loaded", "access keys cannot be used at the start"},
    {"CIS-2202", "access_keys_refused", "changed access keys were not taken"},
    {"CIS-2301", "accept_failed", "a connection could not be taken"},
    {"CIS-2302", "connection_refused", "too many connections are open"},
    {"CIS-2303", "connection_failed", "a connection ended by an error of the program"},
    {"CIS-2304", "delivery_refused", "a delivery was not taken"},
    {"CIS-2401", "drain_step_cut_short", "the shutdown ran out of time"},

    {"CIS-3001", "journal_not_opened", "the journal cannot be opened"},
    {"CIS-3101", "journal_damaged", "the journal has damaged records"},
    {"CIS-3102", "journal_segment_missing", "files of the journal are missing"},
    {"CIS-3103", "journal_poisoned", "the journal's disk failed a write or a sync"},
    {"CIS-3104", "frame_damaged", "acknowledged events went bad on disk"},
    {"CIS-3105", "frame_not_set_aside", "damaged events could not be copied aside"},
    {"CIS-3106", "sealed_frames_lost", "damage took a part of an object that was named"},
    {"CIS-3107", "object_not_built", "an object's events cannot be read back now"},
    {"CIS-3108", "seal_failed", "the journal has no room or no disk to name an object"},
    {"CIS-3201", "delivery_lost", "a delivery that was acknowledged from memory is lost"},

    {"CIS-4001", "store_not_opened", "the store's settings cannot work"},
    {"CIS-4101", "upload_refused", "the store refuses an object, and will again"},
    {"CIS-4102", "upload_failed", "the store did not take an object, and may next time"},
    {"CIS-4103", "key_taken", "another object lies under an object's key"},
    {"CIS-4104", "region_followed", "the bucket lies in another region than configured"},
    {"CIS-4105", "store_replaces", "the store replaces objects although it was asked not to"},
    {"CIS-4201", "credentials_expired", "fetched credentials have expired already"},
    {"CIS-4202", "credentials_not_renewed", "credentials could not be renewed"},
    {"CIS-4301", "clock_skew", "this machine's clock differs from the store's"},

    {"CIS-5001", "init_failed", "cistern init could not make its folder"},
    {"CIS-5002", "no_statement", "cistern ddl has no statement for this layout"},
    {"CIS-5003", "no_lifecycle", "cistern lifecycle has nothing to print"},
    {"CIS-5004", "no_policy", "cistern check --iam has nothing to print"},
    {"CIS-5101", "journal_not_read", "cistern journal could not read the journal"},
    {"CIS-5102", "journal_not_exported", "cistern journal export could not write"},
    {"CIS-5103", "damage_not_exported", "the journal is damaged, and the damage was not exported"},
};

// Empty: what happens by itself and needs nobody.
constexpr std::string_view code_of_event(std::string_view event) {
  for (const ErrorCode& known : kErrorCodes)
    if (known.event == event) return known.code;
  return {};
}

// For standard error: "text [CIS-5001]".
inline std::string coded(std::string_view event, std::string_view text) {
  return std::string(text).append(" [").append(code_of_event(event)).append("]");
}

}  // namespace cistern

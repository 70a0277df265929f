// The JSON document in which containers, instances and programs hand out credentials.
#pragma once

#include <cstdint>
#include <string>

#include "pipeline/result.h"
#include "pipeline/store/credentials/credentials.h"

namespace cistern {

// {"AccessKeyId": "ASIA...", "SecretAccessKey": "...", "Token": "...", "Expiration": "2026-11-21T14:00:00Z"}
//
// The token's name differs: "Token", or "SessionToken" of a program; token and expiration may be missing.
// `json` is overwritten. Error `retry` names the member that is missing or wrong, never a value.
Result<Credentials> read_credential_document(std::string& json, const char* token_name);

// A text member of an answer that is such an object, or empty: "Code", "message".
std::string text_member(const std::string& json, const char* name);
// A whole number, or 0.
int64_t number_member(const std::string& json, const char* name);

}  // namespace cistern

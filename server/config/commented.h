// A configuration as YAML that explains itself: each setting under what it is for and what it may be.
#pragma once

#include <string>

#include "server/config.h"

namespace cistern {

enum class Defaults { shown, commented_out };

// Reads back as `config`. With `commented_out`, what is at its default stands behind a '#', so that a later
// default comes into force by itself; a section of which nothing is left does so too.
std::string commented_config(const Config& config, Defaults defaults);

// All settings, with files beside it for certificate, private key and access key: what `config example`
// prints.
std::string example_config();

}  // namespace cistern
